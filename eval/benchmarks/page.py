"""Results of the benchmark in, `docs/benchmarks.md` out: every figure of the page comes from the results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Results = Mapping[str, Any]
TARGETS = "The targets were set before the program was written; what is missed is said."


def page(results: Results) -> str:
    """The whole page; it names the parts that were not measured."""
    lines = ["# Benchmarks", "", "Written by `make benchmark`; not edited by hand.", "", *_about(results)]
    for name, section in SECTIONS.items():
        if name in results["parts"]:
            lines += ["", *section(results["parts"][name])]
    return "\n".join([*lines, *_verdicts(results), ""])


def _spread(row: Mapping[str, float], digits: int = 1) -> str:
    """A median with its extremes."""
    return f"{row['median']:,.{digits}f} ({row['least']:,.{digits}f} to {row['most']:,.{digits}f})"


def _about(results: Results) -> Iterator[str]:
    machine, corpus, parts = results["machine"], results["corpus"], results["parts"]
    yield f"{machine['system']}, {machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB,"
    yield f"Python {machine['python']}. Notes: {corpus['notes']:,} real reports, {corpus['characters']:,} characters,"
    yield f"median {corpus['median']:,}. Figures are medians, with the slowest and the fastest try in brackets."
    yield ""
    yield "| part | day | commit | load average when it began |"
    yield "|---|---|---|---:|"
    for name, part in parts.items():
        yield f"| {name} | {part['day']} | {part['commit']} | {part['load']:.1f} |"
    if missing := [name for name in SECTIONS if name not in parts]:
        yield ""
        yield f"**Not measured yet: {', '.join(missing)}.**"
    if max((part["load"] for part in parts.values()), default=0) > machine["cores"] / 2:
        yield ""
        yield "**Other programs were running on the machine. Figures by the clock are too low; those of processor time hold"
        yield "better.**"


def _systems(part: Mapping[str, Any]) -> Iterator[str]:
    yield "## Ways to read a note"
    yield ""
    yield f"{part['notes']:,} notes ({part['characters']:,} characters), {part['rounds']} interleaved rounds, one core, the same"
    yield f"notes for all, {part['terms']:,} terms. The exact and the fast way also match {part['expressions']:,} expressions and"
    yield "read dates, doses and laboratory values; stock medspaCy and EDS-NLP match the terms only, and judge negation and"
    yield "the like."
    yield ""
    yield "| way | notes a second of processor time | by the clock | times stock medspaCy | times EDS-NLP |"
    yield "|---|---:|---:|---:|---:|"
    paces = {row["name"]: row for row in part["paces"]}
    stock, eds = paces["stock medspaCy"]["median"], paces["EDS-NLP"]["median"]
    for row in part["paces"]:
        times = f"{row['median'] / stock:,.1f} | {row['median'] / eds:,.2f}"
        yield f"| {row['name']} | {_spread(row)} | {_spread(row['clock'])} | {times} |"
    yield ""
    yield "![Notes a second](img/benchmark-systems.svg)"
    yield ""
    yield f"EDS-NLP {part['edsnlp_version']} runs in an environment of its own. Fast, cold: notes read for the first time;"
    yield f"warm: read again. Compared on the same notes: {part['mentions']:,} mentions of the exact way,"
    yield f"{part['differing']:,} on which the fast way differs."


def _scanners(part: Mapping[str, Any]) -> Iterator[str]:
    yield "## Libraries that scan"
    yield ""
    yield f"One pass for {part['terms']:,} terms through {part['notes']:,} notes in lower case, every occurrence with its place,"
    yield f"overlapping ones too; {part['rounds']} interleaved rounds."
    yield ""
    yield "| library | MB a second | occurrences in the first notes |"
    yield "|---|---:|---:|"
    for row in part["libraries"]:
        yield f"| {row['name']} {row['version']} | {_spread(row)} | {row['found']:,} |"


def _engines(part: Mapping[str, Any]) -> Iterator[str]:
    yield "## Whole runs"
    yield ""
    yield f"`prescreen run` with the first trial on {part['few']:,} and on {part['many']:,} notes in turn,"
    yield f"{part['rounds']} rounds. The pace is that of the additional notes: reading, grouping, judging,"
    yield "writing and the report, without starting up."
    yield ""
    yield "| engine | notes a second by the clock | times 1 process | notes a second of all processors' time | seconds for all |"
    yield "|---|---:|---:|---:|---:|"
    base = part["engines"][0]["median"]
    for row in part["engines"]:
        times = f"{row['median'] / base:.2f} | {_spread(row['processor'])}"
        yield f"| {row['name']} | {_spread(row)} | {times} | {row['seconds']:,.1f} |"


def _start_up(part: Mapping[str, Any]) -> Iterator[str]:
    yield "## Starting up"
    yield ""
    yield f"`prescreen run` on 10 notes, as a new process, {part['rounds']} times: {_spread(part)} s,"
    yield f"{_spread(part['processor'])} s of processor time (of all its processes together)."


def _length(part: Mapping[str, Any]) -> Iterator[str]:
    yield "## Length of a note"
    yield ""
    yield "| characters | seconds of processor time | characters a second |"
    yield "|---:|---:|---:|"
    for row in part["costs"]:
        yield f"| {row['size']:,} | {_spread(row, 4)} | {row['size'] / row['median']:,.0f} |"
    yield ""
    yield "![Seconds by length](img/benchmark-length.svg)"


def _terms(part: Mapping[str, Any]) -> Iterator[str]:
    yield "## Number of terms"
    yield ""
    yield f"The same {part['notes']:,} notes with so many terms: 500 of ours, the rest made up; no expressions."
    yield ""
    yield "| terms | seconds of processor time |"
    yield "|---:|---:|"
    for row in part["costs"]:
        yield f"| {row['size']:,} | {_spread(row, 3)} |"
    yield ""
    yield "![Seconds by terms](img/benchmark-terms.svg)"


def _memory(part: Mapping[str, Any]) -> Iterator[str]:
    yield "## Memory"
    yield ""
    yield "`prescreen annotate --workers 1` on the notes, repeated with identifiers that no other note has."
    yield ""
    yield "| notes | worker at most, MB | after the first tenth, MB | process that feeds it at most, MB |"
    yield "|---:|---:|---:|---:|"
    for run in part["runs"]:
        yield f"| {run['notes']:,} | {run['worker_peak_mb']:,.0f} | {run['gained_mb']:+,.0f} | {run['parent_peak_mb']:,.0f} |"
    yield ""
    yield "![Memory over a run](img/benchmark-memory.svg)"


SECTIONS = {
    "systems": _systems, "scanners": _scanners,
    "engines": _engines, "start_up": _start_up, "length": _length, "terms": _terms, "memory": _memory,
}  # fmt: skip


def _verdicts(results: Results) -> Iterator[str]:
    """The targets beside what was measured."""
    rows = list(_targets(results["parts"]))
    if rows:
        yield from ("", "## Targets", "", TARGETS, "", "| target | measured | |", "|---|---:|---|")
    for target, measured, is_met in rows:
        yield f"| {target} | {measured} | {'reached' if is_met else 'missed'} |"


def _targets(parts: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    if "systems" in parts:
        paces = {row["name"]: row["median"] for row in parts["systems"]["paces"]}
        stock, eds = paces["fast, cold"] / paces["stock medspaCy"], paces["fast, cold"] / paces["EDS-NLP"]
        yield "fast, cold: 100 times stock medspaCy", f"{stock:,.0f} times", stock >= 100
        yield "fast, cold: 4 times EDS-NLP", f"{eds:,.1f} times", eds >= 4
        yield "mentions as the exact way", f"{parts['systems']['differing']:,} differ", parts["systems"]["differing"] == 0
    if "engines" in parts:
        paces = {row["name"]: row["median"] for row in parts["engines"]["engines"]}
        two = paces["2 processes"] / paces["1 process"]
        yield "2 processes: 1.8 times one", f"{two:.2f} times", two >= 1.8
        if "Spark local[2]" in paces:
            spark = paces["Spark local[2]"] / paces["2 processes"]
            yield "Spark local[2] within 25% of 2 processes", f"{spark:.0%} of them", spark >= 0.75
    if "start_up" in parts:
        yield "10 notes in less than 6 s from cold", f"{parts['start_up']['median']:.1f} s", parts["start_up"]["median"] < 6
    if "memory" in parts:
        last = parts["memory"]["runs"][-1]
        yield (
            f"worker under 700 MB over {last['notes']:,} notes",
            f"{last['worker_peak_mb']:,.0f} MB",
            last["worker_peak_mb"] < 700,
        )
        yield (
            "and flat: less than 5% gained after the first tenth",
            f"{last['gained_mb']:+,.0f} MB",
            last["gained_mb"] < 0.05 * last["worker_peak_mb"],
        )
