"""The errors that a person can cause, each with one message: where, what was found, what to do."""

from __future__ import annotations


class ExtractorError(Exception):
    """A fault that the person who started the program can mend; its message holds no note text."""


class InputError(ExtractorError):
    """A notes, patients or gold file that cannot be read as what it should be."""


class SpecError(ExtractorError):
    """A YAML file of `patterns/` or a trial that is not valid; lists every fault of the file at once."""


class RunError(ExtractorError):
    """An output folder that cannot be written to, resumed or read."""
