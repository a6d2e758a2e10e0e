"""Four plots as inline SVG: verdict matrix, forest plot of F1, reliability, recall curve.

Comes in: numbers of `scores`, `calibration` and `ranking`. Goes out: SVG text for an HTML page that fetches nothing: letters
stay letters, metadata and dates are left out, and the same numbers give the same bytes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from numpy.typing import NDArray

from eval.calibration import Reliability
from eval.counts import PREDICTED_VERDICTS
from eval.figures import Figure
from eval.ranking import TARGET_RECALL, RankingScore
from eval.records import VERDICTS

FloatArray = NDArray[np.float64]
BLUE, GREY, RED = "#1f5a99", "#8a8f98", "#b3261e"


def matrix_svg(matrix: FloatArray) -> str:
    """(4, 5) gold by predicted verdicts; colour is the share of the row, the number is the count."""
    canvas, axes = _axes("matrix", 5.4, 3.6)
    rows = matrix.sum(1, keepdims=True)
    shares = np.divide(matrix, rows, out=np.zeros_like(matrix), where=rows > 0)
    axes.pcolormesh(shares, cmap="Blues", vmin=0, vmax=1, edgecolors="white")
    axes.invert_yaxis()
    axes.set_xticks(np.arange(len(PREDICTED_VERDICTS)) + 0.5, PREDICTED_VERDICTS, fontsize=8)
    axes.set_yticks(np.arange(len(VERDICTS)) + 0.5, VERDICTS, fontsize=8)
    axes.set(xlabel="predicted", ylabel="gold")
    for row, column in np.ndindex(*matrix.shape):
        colour = "white" if shares[row, column] > 0.5 else "black"
        axes.text(column + 0.5, row + 0.5, f"{matrix[row, column]:g}", ha="center", va="center", color=colour, fontsize=9)
    return svg(canvas, "matrix")


def forest_svg(figures: Sequence[tuple[str, Figure]]) -> str:
    """One line a criterion: F1 with its interval; a criterion without a defined value shows a dash."""
    canvas, axes = _axes("forest", 5.4, 0.6 + 0.26 * max(3, len(figures)))
    for place, (_, figure) in enumerate(figures):
        limits = figure.interval
        if np.isnan(limits.value):
            axes.text(0.5, place, "–", ha="center", va="center", color=GREY)
            continue
        if not np.isnan(limits.low):
            axes.plot([limits.low, limits.high], [place, place], color=BLUE, linewidth=1.5)
        axes.plot([limits.value], [place], marker="s", markersize=5, color=BLUE)
    axes.set_yticks(range(len(figures)), [name for name, _ in figures], fontsize=8)
    axes.set(xlim=(-0.02, 1.02), ylim=(len(figures) - 0.5, -0.5), xlabel="F1 of met, with 95% interval")
    axes.grid(axis="x", linewidth=0.4)
    return svg(canvas, "forest")


def reliability_svg(reliability: Reliability) -> str:
    """Mean score of each bin against the share worth a look in it, with Wilson intervals; the diagonal is honesty."""
    canvas, axes = _axes("reliability", 4.0, 3.6)
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle="--")
    for one in reliability.bins:
        axes.plot([one.mean_score] * 2, [one.observed.low, one.observed.high], color=BLUE, linewidth=1.2)
        axes.plot([one.mean_score], [one.observed.value], marker="o", markersize=3 + min(6, one.patients / 5), color=BLUE)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xlabel="score", ylabel="share worth a look")
    return svg(canvas, "reliability")


def recall_svg(ranking: RankingScore) -> str:
    """Expected recall after each patient read, beside reading at random."""
    canvas, axes = _axes("recall", 4.0, 3.6)
    read = np.arange(ranking.patients + 1)
    axes.plot(read, read / ranking.patients, color=GREY, linewidth=0.8, linestyle="--")
    axes.plot(read, np.concatenate([[0.0], ranking.recall]), color=BLUE, linewidth=1.5)
    axes.axhline(TARGET_RECALL, color=RED, linewidth=0.6)
    axes.axvline(ranking.screened_at_target, color=RED, linewidth=0.6)
    axes.set(xlim=(0, ranking.patients), ylim=(0, 1.02), xlabel="patients read", ylabel="recall")
    return svg(canvas, "recall")


def _axes(name: str, width: float, height: float) -> tuple[Canvas, Axes]:
    """A canvas of inches; no global state, so plots may be made side by side."""
    canvas = Canvas(figsize=(width, height), layout="constrained")
    canvas.set_gid(name)
    axes = canvas.subplots()
    axes.tick_params(labelsize=8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return canvas, axes


def svg(canvas: Canvas, name: str) -> str:
    """The drawing alone: no XML declaration, no metadata. `name` keeps the ids of several plots on one page apart."""
    out = io.StringIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": name, "font.family": "sans-serif"}):
        canvas.savefig(out, format="svg", metadata={"Date": None})
    drawing = re.sub(r"<metadata>.*?</metadata>", "", out.getvalue(), flags=re.DOTALL)
    drawing = re.sub(r'(\bid="|"#|url\(#)', rf"\g<1>{name}-", drawing)
    return drawing[drawing.index("<svg") :]
