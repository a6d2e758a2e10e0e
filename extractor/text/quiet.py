"""Keeps note text out of stderr: PyRuSH, which medspaCy imports, may log every token of a note through loguru."""

from __future__ import annotations


def silence_note_loggers() -> None:
    """Turns the loggers of medspaCy's parts off for this process; call it once before a note is read."""
    try:
        from loguru import logger
    except ImportError:
        return
    for name in ("PyRuSH", "medspacy", "PyFastNER"):
        logger.disable(name)
