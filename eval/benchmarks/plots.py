"""Results of the benchmark in, SVG pictures out; the same results give the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

COLOUR, OTHER = "#1f5f8b", "#b5541c"


def bars(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Notes a second of each system, with the slowest and the fastest round; the axis is logarithmic."""
    figure, axes = _figure(0.42 * len(rows) + 1)
    names = [row["name"] for row in reversed(rows)]
    middles = [row["median"] for row in reversed(rows)]
    spread = [[row["median"] - row["least"] for row in reversed(rows)], [row["most"] - row["median"] for row in reversed(rows)]]
    axes.barh(names, middles, xerr=spread, color=COLOUR, ecolor="#333333", capsize=2)
    axes.set_xscale("log")
    axes.set_xlabel("notes a second of processor time")
    for place, middle in enumerate(middles):
        axes.annotate(f" {middle:,.1f}", (spread[1][place] + middle, place), va="center", fontsize=8)
    axes.margins(x=0.15)
    _save(figure, path)


def growth(path: Path, rows: Sequence[dict[str, Any]], *, xlabel: str, ylabel: str, is_linear_shown: bool) -> None:
    """Seconds against size, both logarithmic; with a straight line of what the first size costs, if it is to be shown."""
    figure, axes = _figure(3)
    sizes = [row["size"] for row in rows]
    axes.errorbar(
        sizes, [row["median"] for row in rows], color=COLOUR, marker="o", capsize=2,
        yerr=[[row["median"] - row["least"] for row in rows], [row["most"] - row["median"] for row in rows]],
    )  # fmt: skip
    if is_linear_shown:
        middle = rows[len(rows) // 2]
        axes.plot(
            sizes, [middle["median"] * size / middle["size"] for size in sizes], color="#999999", linestyle=":", label="linear"
        )
        axes.legend(frameon=False)
        axes.set_yscale("log")
    else:
        axes.set_ylim(bottom=0)
    axes.set_xscale("log")
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
    _save(figure, path)


def memory(path: Path, run: dict[str, Any]) -> None:
    """Memory of the worker and of the process that feeds it over a run."""
    figure, axes = _figure(3)
    notes = [moment["notes"] for moment in run["moments"]]
    axes.plot(notes, [moment["worker_mb"] for moment in run["moments"]], color=COLOUR, label="worker")
    axes.plot(notes, [moment["parent_mb"] for moment in run["moments"]], color=OTHER, label="process that feeds it")
    axes.set_ylim(bottom=0)
    axes.set_xlabel("notes read")
    axes.set_ylabel("memory, MB")
    axes.legend(frameon=False)
    _save(figure, path)


def _figure(height: float) -> tuple[Any, Any]:
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "prescreen", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6.4, height), layout="constrained")
    return figure, axes


def _save(figure: Any, path: Path) -> None:
    from matplotlib import pyplot

    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
