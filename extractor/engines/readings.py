"""The ways to read a note, by name: ours, its exact reference, and the two baselines that it is compared with.

A worker is sent the maker and builds the pipeline itself, so each is a function of a module.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from extractor.engines.work import exact_pipeline, fast_pipeline
from extractor.text.pipeline import Pipeline
from extractor.text.rules import TextRules

Reading = Literal["fast", "exact", "keyword", "medspacy"]
OWN: tuple[Reading, ...] = ("fast", "exact")
"""Those that give the same mentions, so that one may go on with what the other has read."""


def keyword_pipeline(patterns: Path | None, day_first: bool | None) -> Pipeline:
    """Terms looked up as they are; it reads no dates, so that their order does not matter."""
    from extractor.text.baselines import KeywordPipeline

    return KeywordPipeline(TextRules.load(patterns))


def stock_pipeline(patterns: Path | None, day_first: bool | None) -> Pipeline:
    """medspaCy as it comes, with the same terms; it reads no dates either."""
    from extractor.text.baselines import StockPipeline

    return StockPipeline(TextRules.load(patterns))


READINGS: Mapping[Reading, Callable[[Path | None, bool | None], Pipeline]] = {
    "fast": fast_pipeline,
    "exact": exact_pipeline,
    "keyword": keyword_pipeline,
    "medspacy": stock_pipeline,
}


def rules_name(reading: Reading, rules_sha256: str) -> str:
    """What the mentions of a run depend on: the hash of the patterns, and before it the baseline that used only their terms.

    So neither `--since` nor a calibration takes the mentions of a baseline for those of the program.

    >>> rules_name("exact", "5a17"), rules_name("keyword", "5a17")
    ('5a17', 'keyword:5a17')
    """
    return rules_sha256 if reading in OWN else f"{reading}:{rules_sha256}"
