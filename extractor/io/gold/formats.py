"""The formats that a corpus can be written in and read from, by name; each is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import cast

from extractor.errors import InputError
from extractor.io.gold.exchange import Format, Imported
from extractor.io.gold.offsets import OFFSET_UNITS, OffsetUnit
from extractor.io.gold.records import Corpus

FORMATS = {
    "brat": "brat",
    "label-studio": "label_studio",
    "inception": "inception",
    "doccano": "doccano",
    "prodigy": "prodigy",
    "docbin": "docbin",
    "n2c2": "n2c2",
}
WITH_UNIT = ("label-studio", "doccano")
"""Tools of which some releases or settings count UTF-16 units, and others code points."""


def export_corpus(corpus: Corpus, folder: Path, *, format: str, offset_unit: str | None = None) -> list[str]:
    """Writes the corpus for a tool; returns what the format does not hold. Raises `InputError` on an unknown word."""
    module = format_module(format)
    if offset_unit is None:
        return module.export(corpus, folder)
    if format not in WITH_UNIT or offset_unit not in OFFSET_UNITS:
        raise InputError(f"--offset-unit {offset_unit}: one of {', '.join(OFFSET_UNITS)}, for {' and '.join(WITH_UNIT)} only")
    unit: OffsetUnit = "utf16" if offset_unit == "utf16" else "codepoint"
    if format == "doccano":
        from extractor.io.gold import doccano

        return doccano.export(corpus, folder, offset_unit=unit)
    from extractor.io.gold import label_studio

    return label_studio.export(corpus, folder, offset_unit=unit)


def import_corpus(folder: Path, *, format: str) -> Imported:
    """Reads what a tool has left in a folder."""
    return format_module(format).import_(folder)


def format_module(name: str) -> Format:
    """The module of a format; raises `InputError` on an unknown name."""
    if name not in FORMATS:
        raise InputError(f"--format {name}: one of {', '.join(FORMATS)}")
    return cast(Format, import_module(f"extractor.io.gold.{FORMATS[name]}"))
