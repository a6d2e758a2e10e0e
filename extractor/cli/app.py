"""The command `prescreen`: a table of commands, each in a module of its own that parses, calls one function and prints.

A command's module is imported when that command is asked for, so that `prescreen --help` answers at once.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click
import typer

from extractor.errors import ExtractorError

NOT_DONE = 2
COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("run:run", "Read notes and judge every patient: notes to candidates."),
    "annotate": ("annotate:annotate", "Read notes and write every mention, no trial."),
    "screen": ("screen:screen", "Judge stored mentions by a trial, without the text."),
    "assert": ("assertions:assert_rows", "Say whether given spans are negated, uncertain, hypothetical, historical, family."),
    "explain": ("explain:explain", "Show one verdict with its evidence and window arithmetic."),
    "trial": ("trial:trial_app", "List, check and describe trial files."),
    "patterns": ("patterns:patterns_app", "Check concept, cue and section files."),
    "score": ("score:score", "Score a run against gold annotations."),
    "compare": ("score:compare", "Compare two runs on one gold standard."),
    "score-assertions": ("score:score_assertions", "Score assertion output against gold rows."),
    "agreement": ("score:agreement", "Agreement of two annotators."),
    "sample": ("score:sample", "Pick the next charts to annotate."),
    "calibrate": ("score:calibrate", "Fit the candidates' score to gold."),
}


class LazyGroup(click.Group):
    """Knows its commands by name and one line of help; imports one when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name][0].split(":")
        target = getattr(import_module(f"extractor.cli.{module}"), attribute)
        return _as_command(cmd_name, target)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


def _as_command(name: str, target: Any) -> click.Command:
    if isinstance(target, typer.Typer):
        command = typer.main.get_command(target)
    else:
        app = typer.Typer(add_completion=False)
        app.command(name=name)(target)
        command = typer.main.get_command(app)
    command.name = name
    return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="prescreen", prog_name="prescreen")
def cli() -> None:
    """Prescreen patients for a clinical trial from their free-text notes, with the sentence each verdict rests on."""


def main() -> None:
    """Runs the command line; a fault that the user can mend is one message and exit status 2."""
    try:
        cli.main(standalone_mode=False)
    except ExtractorError as error:
        _say(str(error))
        sys.exit(NOT_DONE)
    except (click.exceptions.Exit, typer.Exit) as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(NOT_DONE)
    except (KeyboardInterrupt, click.exceptions.Abort):
        _say("stopped")
        sys.exit(NOT_DONE)


def _say(message: str) -> None:
    for line in message.splitlines():
        print(f"prescreen: {line}", file=sys.stderr)
