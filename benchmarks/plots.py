"""Draws comparisons as horizontal bars, with the goal as a line."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks.result import Chart, shown

OURS: Final = "#1b6ca8"
THEIRS: Final = "#9aa5b1"
GOAL: Final = "#c0392b"
STYLES: Final = ("--", ":", "-.")
WIDEST_SPREAD: Final = 20
"""Beyond this ratio between the longest bar and the shortest, the axis is logarithmic."""

_CLEAR: Final = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
"""Keeps the lines of the goals out of the figures."""

# Text stays text in the SVG, and the same figures give the same file.
mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "kolay_invoice"})


def draw(chart: Chart, into: Path) -> None:
    """Draw one chart as PNG and SVG."""
    figure = Figure(figsize=(9, 1.9 + 0.42 * len(chart.bars)), layout="constrained")
    axes = figure.subplots()
    labels = [label for label, _ in reversed(chart.bars)]
    values = [value for _, value in reversed(chart.bars)]
    bars = axes.barh(
        labels, values, color=[OURS if "kolay_invoice" in label else THEIRS for label in labels], height=0.65
    )
    axes.bar_label(bars, [shown(value) for value in values], padding=4, fontsize=9, bbox=_CLEAR)
    if min(values) > 0 and max(values) / min(values) > WIDEST_SPREAD:
        axes.set_xscale("log")
        axes.set_xlim(min(values) / 2, 2 * max(values))
    else:
        axes.set_xlim(0, 1.15 * max([*values, *(place for _, place in chart.lines)]))
    for (text, place), style in zip(chart.lines, STYLES, strict=False):
        axes.axvline(place, color=GOAL, linestyle=style, linewidth=1.5, label=text)
    if chart.lines:
        figure.legend(loc="outside lower center", ncols=len(chart.lines), fontsize=9, frameon=False)
    axes.set_title(chart.title, fontsize=12, loc="left")
    axes.set_xlabel(chart.axis, fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(y=0.08)
    figure.savefig(into / f"{chart.name}.png", dpi=130)
    figure.savefig(into / f"{chart.name}.svg", metadata={"Date": None})
