"""Offsets in code points, as Python and this project count, and in UTF-16 units, as JavaScript and Java count.

Every character outside of the basic plane (an emoji, some old scripts) is one code point and two units.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Literal, get_args

OffsetUnit = Literal["utf16", "codepoint"]
OFFSET_UNITS: tuple[OffsetUnit, ...] = get_args(OffsetUnit)


@dataclass(frozen=True, slots=True)
class TextOffsets:
    """The places of one text's wide characters, which is all that the two counts differ by."""

    length: int
    wide: tuple[int, ...]
    """Code point offsets of the characters that take two units."""
    wide_units: tuple[int, ...]
    """Offsets in units of the second half of each of them: the places where no character begins."""

    @classmethod
    def of(cls, text: str) -> TextOffsets:
        """The offsets of a text; linear, once a text.

        >>> TextOffsets.of("a🙂b").to_units(2, "utf16"), TextOffsets.of("a🙂b").to_code_point(3, "utf16")
        (3, 2)
        """
        wide = tuple(place for place, char in enumerate(text) if ord(char) > 0xFFFF)
        return cls(len(text), wide, tuple(place + number + 1 for number, place in enumerate(wide)))

    def to_units(self, code_point: int, unit: OffsetUnit) -> int:
        """An offset in code points in the unit of a tool."""
        return code_point + (bisect_left(self.wide, code_point) if unit == "utf16" else 0)

    def to_code_point(self, offset: int, unit: OffsetUnit) -> int | None:
        """An offset of a tool in code points; `None` outside of the text or in the middle of a character."""
        if unit == "codepoint":
            return offset if 0 <= offset <= self.length else None
        before = bisect_left(self.wide_units, offset)
        is_inside = before < len(self.wide_units) and self.wide_units[before] == offset
        place = offset - before
        return None if is_inside or not 0 <= place <= self.length else place
