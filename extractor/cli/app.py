"""The command `prescreen`: a table of commands, each in a module of its own that parses, calls one function and prints.

A command's module is imported when that command is asked for, so that `prescreen --help` answers at once.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from extractor.errors import ExtractorError

NOT_DONE = 2
COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("run:run", "Read notes and judge every patient: notes to candidates."),
    "annotate": ("annotate:annotate", "Read notes and write every mention, no trial."),
    "screen": ("screen:screen", "Judge stored mentions by a trial, without the text."),
    "assert": ("assertions:assert_rows", "Say whether given spans are negated, uncertain, hypothetical, historical, family."),
    "explain": ("explain:explain", "Show one verdict with its evidence and window arithmetic."),
    "review": ("review:review", "Open the page on which charts are reviewed."),
    "review-export": ("review:review_export", "Write the signed-off charts of a review as gold."),
    "audit": ("review:audit_app", "Check the record of a review."),
    "trial": ("trial:trial_app", "List, check and describe trial files."),
    "patterns": ("patterns:patterns_app", "Check concept, cue and section files."),
    "gold": ("gold:gold_app", "Check, build, describe, convert and compare gold corpora."),
    "score": ("score:score", "Score a run against gold annotations."),
    "baseline": ("baseline:baseline", "Read notes as a plain baseline does, to be scored beside a run."),
    "compare": ("score:compare", "Compare two runs on one gold standard."),
    "score-assertions": ("score:score_assertions", "Score assertion output against gold rows."),
    "agreement": ("score:agreement", "Agreement of two annotators."),
    "sample": ("score:sample", "Pick the next charts to annotate."),
    "calibrate": ("score:calibrate", "Fit the candidates' score to gold."),
}


def main(arguments: list[str] | None = None) -> None:
    """Runs the command line; a fault that the user can mend is one message and exit status 2."""
    words = sys.argv[1:] if arguments is None else arguments
    if not words or words[0] in ("-h", "--help"):
        print(help_text())
        return
    if words[0] == "--version":
        from extractor.engines.manifest import package_version

        print(f"prescreen {package_version()}")
        return
    if words[0] not in COMMANDS:
        _stop(f"no command '{words[0]}'; there are {', '.join(COMMANDS)}")
    try:
        _typer_of(words[0])(words[1:], prog_name=f"prescreen {words[0]}")
    except ExtractorError as error:
        _stop(str(error))
    except KeyboardInterrupt:
        _stop("stopped")


def help_text() -> str:
    """What `prescreen --help` prints."""
    lines = [f"  {name:<17} {line}" for name, (_, line) in COMMANDS.items()]
    return "\n".join(
        [
            "Usage: prescreen COMMAND [ARGUMENTS]   (prescreen COMMAND --help for one command)",
            "",
            "Prescreen patients for a clinical trial from their free-text notes, with the sentence each verdict rests on.",
            "",
            "Commands:",
            *lines,
            "",
            "  --version         Print the version.",
        ]
    )


def _typer_of(name: str) -> Any:
    """The typer application of one command."""
    import typer

    module, attribute = COMMANDS[name][0].split(":")
    target = getattr(import_module(f"extractor.cli.{module}"), attribute)
    if isinstance(target, typer.Typer):
        return target
    app = typer.Typer(
        add_completion=False, pretty_exceptions_enable=False, context_settings={"help_option_names": ["-h", "--help"]}
    )
    app.command()(target)
    return app


def _stop(message: str) -> None:
    for line in message.splitlines():
        print(f"prescreen: {line}", file=sys.stderr)
    sys.exit(NOT_DONE)
