"""The JSON Schemas of a corpus, and what a row breaks of them, said without quoting the row."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extractor.errors import InputError

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError  # type: ignore[import-untyped]

PACKAGE = Path(__file__).resolve().parents[2]
TABLES = ("notes", "patients", "gold", "splits", "adjudications")
LONGEST_PLACE = 80


def schema_folder() -> Path:
    """The schemas installed with the package, or those of the checkout."""
    for candidate in (PACKAGE / "annotation_schema", PACKAGE.parent / "annotations" / "schema"):
        if candidate.is_dir():
            return candidate
    raise InputError(f"no schemas of annotations: looked beside {PACKAGE}")


def load_schema(table: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one row of a table."""
    schema: dict[str, Any] = json.loads((schema_folder() / f"{table}.schema.json").read_text(encoding="utf-8"))
    return schema


def schema_faults(table: str, row: dict[str, Any]) -> list[str]:
    """Where in the row which rule is broken, in order of place; empty for a good row."""
    return sorted(_sentence(error) for error in _validator(table).iter_errors(row))


@cache
def _validator(table: str) -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(load_schema(table))


def _sentence(error: ValidationError) -> str:
    """The place and the broken rule. The library's own message quotes the value, which may be the text of a note."""
    place = ".".join(str(part) for part in error.absolute_path)[:LONGEST_PLACE] or "row"
    return f"{place}: {_rule(error.validator, error.validator_value, error.instance)}"


def _rule(keyword: str, wanted: Any, found: Any) -> str:
    if keyword == "required":
        return f"has no {', '.join(name for name in wanted if name not in found)}"
    if keyword == "enum":
        return f"must be one of {_words(wanted)}"
    if keyword == "type":
        return f"must be of type {_words([wanted] if isinstance(wanted, str) else wanted)}"
    if keyword == "pattern":
        return f"must match {wanted}"
    if keyword == "const":
        return f"must be {json.dumps(wanted)} here"
    return f"breaks {keyword}" + (f" {wanted}" if isinstance(wanted, (int, float)) else "")


def _words(words: Iterable[object]) -> str:
    return ", ".join("null" if word is None else str(word) for word in words)
