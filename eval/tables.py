"""Scores as tables for a terminal. Nothing is computed here; what is undefined is –."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Table

from eval.agreement import Agreement
from eval.assertions import AssertionScores
from eval.calibrate import Fitted
from eval.calibration import Reliability
from eval.compare import Comparison
from eval.counts import PREDICTED_VERDICTS
from eval.errors import CAUSES, Disagreement, cause_counts, fault_counts
from eval.figures import Figure
from eval.format import DASH, interval_text, limits_text, number_text, short_text, tally_text, value_text
from eval.ranking import RankingScore
from eval.records import VERDICTS
from eval.scores import Scores
from eval.weighting import Weighted


def table(title: str, *columns: str) -> Table:
    """The first column is words, the others numbers."""
    made = Table(title=title, title_justify="left")
    for place, column in enumerate(columns):
        made.add_column(column, justify="left" if place == 0 else "right", no_wrap=place == 0)
    return made


def headline_table(scores: Scores, baselines: Sequence[Scores] = ()) -> Table:
    """The headline with intervals and counts, the baselines beside it with theirs."""
    title = f"{scores.run}: {scores.patients} patients, {scores.verdicts} verdicts"
    made = table(title, "measure", "value", "95% interval", "counts", *(other.run for other in baselines))
    for figure in scores.headline:
        others = (short_text(other.figure(figure.name)) for other in baselines)
        made.add_row(figure.name, value_text(figure), limits_text(figure), tally_text(figure), *others)
    return made


def criterion_table(scores: Scores) -> Table:
    """One line a criterion."""
    columns = ("accuracy", "95% interval", "right", "wrong excl.", "false pass")
    made = table("By criterion", "criterion", *columns, "coverage", "when decided", "F1 met", "95% interval", "evidence recall")
    for one in scores.criteria:
        made.add_row(
            one.criterion,
            *(value_text(one.accuracy), limits_text(one.accuracy), tally_text(one.accuracy)),
            *(tally_text(one.wrong_exclusions), tally_text(one.false_passes)),
            *(value_text(one.coverage), value_text(one.accuracy_when_decided)),
            *(value_text(one.binary["F1"]), limits_text(one.binary["F1"]), tally_text(one.evidence_recall)),
        )
    return made


def baseline_table(scores: Scores, baselines: Sequence[Scores]) -> Table:
    """Accuracy of each criterion by the run and by each baseline, with intervals."""
    made = table("Accuracy beside the baselines", "criterion", scores.run, *(other.run for other in baselines))
    for c, one in enumerate(scores.criteria):
        made.add_row(one.criterion, short_text(one.accuracy), *(short_text(other.criteria[c].accuracy) for other in baselines))
    return made


def binary_table(scores: Scores) -> Table:
    """`met` against the rest, one line a criterion: values with counts."""
    names = ("sensitivity", "specificity", "PPV", "NPV", "balanced accuracy")
    made = table("met against the rest (other verdicts folded)", "criterion", *names, "macro F1 of verdicts")
    for one in scores.criteria:
        cells = [f"{value_text(one.binary[name])} ({tally_text(one.binary[name])})" for name in names[:-1]]
        made.add_row(one.criterion, *cells, value_text(one.binary[names[-1]]), value_text(one.macro_f1))
    return made


def average_table(scores: Scores) -> Table:
    """The measures of `met` averaged over the criteria: over their verdicts (micro), and over themselves (macro)."""
    columns = ("micro", "95% interval", "counts", "macro", "95% interval", "criteria")
    made = table("met against the rest, over all criteria", "measure", *columns)
    for name, micro in scores.micro.items():
        macro = scores.macro[name]
        defined = f"{macro.counts['criteria']:g} of {macro.counts['of']:g}"
        made.add_row(
            *(name, value_text(micro), limits_text(micro), tally_text(micro)), value_text(macro), limits_text(macro), defined
        )
    return made


def matrix_table(scores: Scores) -> Table:
    """The 4 × 4 matrix of each criterion and of all: "gold verdict: counts of met / not_met / unknown / not_applicable"."""
    made = table(f"Gold verdict by predicted: {' / '.join(PREDICTED_VERDICTS)}", "criterion", *VERDICTS)
    for name, matrix in [*((one.criterion, one.matrix) for one in scores.criteria), ("all", scores.matrix)]:
        made.add_row(name, *(" / ".join(f"{count:g}" for count in row) for row in matrix))
    return made


def level_table(figures: Iterable[Figure]) -> Table:
    """Every level, one line a measure."""
    made = table("By level", "level", "measure", "value", "95% interval", "counts")
    made.columns[1].justify = "left"
    for figure in figures:
        made.add_row(figure.level, figure.name, value_text(figure), limits_text(figure), tally_text(figure))
    return made


def cause_table(found: Sequence[Disagreement]) -> Table:
    """Probable causes in pipeline order."""
    made = table("Probable causes", "stage", "wrong verdicts", "spans")
    verdicts, spans = cause_counts(found), fault_counts(found)
    for cause in CAUSES:
        if cause in verdicts or cause in spans:
            made.add_row(cause.replace("_", " "), str(verdicts.get(cause, 0)), str(spans.get(cause, 0)))
    return made


def weighted_table(figures: Iterable[Weighted]) -> Table:
    """Naive and corrected side by side."""
    columns = ("naive", "95% interval", "corrected", "95% interval")
    made = table("Corrected for the sampling of charts", "measure", *columns)
    for one in figures:
        naive, corrected = one.naive, one.corrected
        made.add_row(naive.name, value_text(naive), limits_text(naive), value_text(corrected), limits_text(corrected))
    return made


def ranking_table(ranking: RankingScore | None, honest: Reliability | None) -> Table:
    """What the order of candidates and their scores are worth."""
    made = table("Candidates", "measure", "value", "95% interval")
    if ranking is not None:
        for k in sorted({min(k, ranking.patients) for k in (1, 5, 10, 20, 50)}):
            made.add_row(f"recall at {k}", number_text(float(ranking.recall[k - 1])), DASH)
        saved, needed = ranking.work_saved, ranking.number_needed_to_screen
        made.add_row("work saved over sampling at 95% recall", number_text(saved.value), interval_text(saved))
        made.add_row("number needed to screen", number_text(needed.value), interval_text(needed))
        made.add_row("average precision", number_text(ranking.average_precision), DASH)
    if honest is not None:
        made.add_row("Brier score", number_text(honest.brier.value), interval_text(honest.brier))
        made.add_row("Brier score of the prevalence", number_text(honest.brier_of_prevalence), DASH)
        made.add_row("expected calibration error", number_text(honest.expected_error), DASH)
    return made


def comparison_tables(found: Comparison) -> tuple[Table, Table]:
    """Overall differences, then criterion by criterion."""
    title = f"A = {found.a}, B = {found.b}: {found.patients} patients"
    overall = table(title, "measure", "A", "B", "B − A", "95% interval", "p")
    for one in found.overall:
        values = (number_text(one.a), number_text(one.b), number_text(one.difference.value))
        overall.add_row(one.name, *values, interval_text(one.difference), number_text(one.p_value, digits=4))
    criteria = table("Verdicts right", "criterion", "both", "only A", "only B", "neither", "McNemar p", "Holm p")
    for row in found.criteria:
        counts = (str(row.both), str(row.only_a), str(row.only_b), str(row.neither))
        p_values = (number_text(row.p_value, digits=4), number_text(row.holm_p_value, digits=4))
        criteria.add_row(row.criterion, *counts, *p_values)
    return overall, criteria


def agreement_table(found: Agreement) -> Table:
    """Pooled and per criterion, value and interval of each coefficient."""
    names = [figure.name for figure in found.pooled]
    made = table(f"{found.annotators} annotators, {found.patients} patients", "criterion", *names)
    for criterion, figures in (("all", found.pooled), *found.criteria.items()):
        made.add_row(criterion, *map(short_text, figures))
    return made


def assertion_table(found: AssertionScores) -> Table:
    """One line an attribute."""
    made = table(
        "Assertions", "attribute", "rows", "accuracy", "sensitivity", "specificity", "PPV", "F1", "95% interval", "counts"
    )
    for one in found.attributes:
        shares = (one.accuracy, one.sensitivity, one.specificity, one.ppv, one.f1)
        made.add_row(one.attribute, str(one.rows), *map(value_text, shares), limits_text(one.f1), tally_text(one.f1))
    return made


def calibration_table(fitted: Fitted) -> Table:
    """The rule's score and the fitted one, both on patients the fit had not seen."""
    made = table("Brier score, lower is better", "score", "value", "95% interval")
    calibration = fitted.calibration
    made.add_row("rule of the run", number_text(calibration.brier_of_rule), DASH)
    made.add_row("fitted, held out", number_text(calibration.brier_held_out), DASH)
    made.add_row("change", number_text(fitted.change.value), interval_text(fitted.change))
    return made
