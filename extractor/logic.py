"""Three-valued logic after Kleene: true, false, unknown. The only place of the program where it is decided.

Unknown means "true or false, the notes do not say which", so a combination is known exactly when both answers to
every unknown part would give the same result.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum


class Truth(Enum):
    """What is known of a statement. It has no truth value of its own: compare with `is`."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"

    def __bool__(self) -> bool:
        raise TypeError("a Truth has three values: compare it with `is Truth.TRUE`")


def truth(value: bool | None) -> Truth:
    """A plain answer, or `None` for none, as a truth."""
    if value is None:
        return Truth.UNKNOWN
    return Truth.TRUE if value else Truth.FALSE


def negate(value: Truth) -> Truth:
    """Not: unknown stays unknown."""
    return {Truth.TRUE: Truth.FALSE, Truth.FALSE: Truth.TRUE}.get(value, Truth.UNKNOWN)


def at_least(k: int, values: Iterable[Truth]) -> Truth:
    """At least `k` of `values` are true; the other connectives are special cases of it.

    >>> at_least(2, [Truth.TRUE, Truth.UNKNOWN, Truth.FALSE])
    <Truth.UNKNOWN: 'unknown'>
    """
    parts = list(values)
    certain = sum(part is Truth.TRUE for part in parts)
    possible = sum(part is not Truth.FALSE for part in parts)
    if certain >= k:
        return Truth.TRUE
    return Truth.UNKNOWN if possible >= k else Truth.FALSE


def any_of(values: Iterable[Truth]) -> Truth:
    """One true part suffices; false needs every part false. Of nothing at all: false."""
    return at_least(1, values)


def all_of(values: Iterable[Truth]) -> Truth:
    """One false part suffices for false; true needs every part true. Of nothing at all: true."""
    parts = list(values)
    return at_least(len(parts), parts)
