"""A note in, its titled sections out. A title stands at the start of a line, or after a sentence when it is a short one."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from extractor.records import Section
from extractor.spec.sections import SectionRules

_LINE_TITLE = re.compile(
    r"(?:^|(?<=[\n\r\f\v\u2028\u2029\x85]))[ \t]*(?:[-*•#=>]{1,3}[ \t]*|\d{1,2}[.)][ \t]+)?"
    r"(?P<title>[A-Za-z][^\n\r:\f\v]{0,58}?)[ \t]*"
    r"(?P<end>:|[ \t]-{1,2}[ \t]|(?=[ \t]*(?:[\n\r\f\v\u2028\u2029\x85]|\Z)))"
)
_INLINE_TITLE = re.compile(r"(?<=[.;])[ \t]+(?P<title>[A-Z][A-Za-z/& ]{0,20}):")
_BLANK = re.compile(r"\n[ \t\r]*\n")
_PARENTHESIS = re.compile(r"\s*[(\[].*$")
_TRAILING_DATE = re.compile(r"\s+[\d(].*$")
UNKNOWN = "other"  # a heading that the rules do not name still ends the section before it


@dataclass(frozen=True, slots=True)
class SectionFinder:
    """The titles compiled once; finds the sections of any note."""

    names: dict[str, str]
    inline: frozenset[str]
    short: frozenset[str]

    @classmethod
    def compile(cls, rules: SectionRules) -> SectionFinder:
        names = {_key(title): name for name, section in rules.sections.items() for title in section.titles}
        short = frozenset(name for name, section in rules.sections.items() if section.short)
        return cls(names, frozenset(rules.inline), short)

    def find(self, text: str) -> list[Section]:
        """Sections in order, covering the text from the first title on; text before it has none."""
        heads = sorted({head[0]: head for head in (*self._line_heads(text), *self._inline_heads(text))}.values())
        sections: list[Section] = []
        for index, (start, end, name) in enumerate(heads):
            stop = heads[index + 1][0] if index + 1 < len(heads) else len(text)
            sections += self._cut(text, Section(name, start, stop, start, end))
        return sections

    def _line_heads(self, text: str) -> list[tuple[int, int, str]]:
        heads = []
        for match in _LINE_TITLE.finditer(text):
            title = match["title"]
            name = self._name_of(title, bool(match["end"].strip()))
            if name is not None:
                heads.append((match.start("title"), match.end(), name))
        return heads

    def _name_of(self, title: str, has_mark: bool) -> str | None:
        key = _key(title)
        name = (
            self.names.get(key)
            or self.names.get(_key(_PARENTHESIS.sub("", title)))
            or self.names.get(_key(_TRAILING_DATE.sub("", title)))
        )
        bare = len(key) <= 2 and not has_mark
        if name is not None and not bare and (has_mark or title[:1].isupper()):
            return name
        words = title.split()
        if has_mark and title.isupper() and 1 <= len(words) <= 6 and len(title) > 3:
            return UNKNOWN
        if not has_mark and title.isupper() and len(title) > 5 and 1 <= len(words) <= 7 and not any(c.isdigit() for c in title):
            return UNKNOWN
        return None

    def _inline_heads(self, text: str) -> list[tuple[int, int, str]]:
        return [
            (match.start("title"), match.end(), self.names[_key(match["title"])])
            for match in _INLINE_TITLE.finditer(text)
            if match["title"] in self.inline
        ]

    def _cut(self, text: str, section: Section) -> list[Section]:
        """A short section with text on its title's line ends at the blank line after it."""
        line_end = text.find("\n", section.title_end)
        has_text = text[section.title_end : line_end if line_end >= 0 else len(text)].strip()
        blank = _BLANK.search(text, section.title_end, section.end) if section.name in self.short and has_text else None
        if blank is None:
            return [section]
        return [
            Section(section.name, section.start, blank.start(), section.title_start, section.title_end),
            Section(UNKNOWN, blank.start(), section.end, blank.start(), blank.start()),
        ]


def section_at(sections: list[Section], starts: list[int], offset: int) -> Section | None:
    """The section that holds `offset`; `starts` are the sections' starts, in order."""
    index = bisect_right(starts, offset) - 1
    return sections[index] if index >= 0 and offset < sections[index].end else None


def _key(title: str) -> str:
    return " ".join(title.replace("\u2019", "'").lower().split()).rstrip(" .")
