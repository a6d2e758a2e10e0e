"""One sentence and the spans found in it in, what it says about each out: our ConText.

Negated, uncertain, hypothetical, historical, family: each is decided by the nearest cue whose scope holds the
span. The method is that of NegEx (Chapman 2001) and ConText (Harkema 2009); the scopes follow clauses and lists
(`scopes.py`), the phrases are YAML (`patterns/cues`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from extractor.records import Assertion
from extractor.spec.cues import ATTRIBUTES, CueRules
from extractor.text.cues import CompiledCues, FoundCue, compile_cues, cue_norms, find_cues
from extractor.text.scopes import Clauses, find_clauses, following, preceding
from extractor.text.tokens import Tokens, tokenize

FAMILY_HISTORY = "family_history"
NOTHING = Assertion()
ENDING_MARKS = frozenset("?:,;")
DENIABLE = (("uncertain", "forward"), ("hypothetical", "backward"))


@dataclass(frozen=True, slots=True)
class _Reading:
    """A sentence behind its list heading, read once for all its targets."""

    found: list[FoundCue]
    clauses: Clauses


def assess(
    text: str,
    tokens: Tokens,
    targets: Sequence[tuple[int, int]],
    rules: CueRules,
    *,
    section: str = "",
    lead: str = "",
    note_title: str = "",
    section_is_family: bool = False,
) -> list[Assertion]:
    """What `text`, one sentence, list item or table row, says about each half-open character span of `targets`.

    `tokens` are those of `text`; `lead` is the heading that governs the item ("Denies:"), `section` the normalised
    section name. The answers come in the order of `targets`.
    """
    compiled = compile_cues(rules)
    shift, governed, all_tokens = _under_lead(text, tokens, lead)
    norms = cue_norms(all_tokens.norms)
    found = find_cues(norms, all_tokens, governed, compiled)
    standing = _standing(compiled, found, section, note_title, section_is_family)
    if not found:
        return [_assertion({}, standing, governed, all_tokens)] * len(targets)
    reading = _Reading(found, find_clauses(norms, all_tokens, governed, compiled.words))
    spans = [_token_span(all_tokens, start + shift, end + shift) for start, end in targets]
    return [_assertion(deciding, standing, governed, all_tokens) for deciding in _deciding_cues(reading, spans)]


def _under_lead(text: str, tokens: Tokens, lead: str) -> tuple[int, str, Tokens]:
    """The text behind its heading, its tokens, and how far the heading shifts offsets."""
    if not lead.strip():
        return 0, text, tokens
    heading = lead.strip().rstrip(":").rstrip() + "\n"
    head, shift = tokenize(heading), len(heading)
    joined = Tokens(
        head.starts + tuple(start + shift for start in tokens.starts),
        head.ends + tuple(end + shift for end in tokens.ends),
        head.norms + tokens.norms,
    )
    return shift, heading + text, joined


def _standing(
    compiled: CompiledCues, found: list[FoundCue], section: str, note_title: str, section_is_family: bool
) -> dict[str, str]:
    """The attributes that section and note title set, unless a phrase of the sentence ends them ("the patient has")."""
    standing: dict[str, str] = dict.fromkeys(compiled.by_section.get(section, ()), f"section {section}")
    if section_is_family or section == FAMILY_HISTORY:
        standing["family"] = f"section {section or FAMILY_HISTORY}"
    if note_title:
        title = note_title.lower()
        standing |= {a: f"title {part}" for part, attributes in compiled.by_title if part in title for a in attributes}
    ended = {attribute for cue in found if cue.rule.lifts_section for attribute in cue.attributes}
    return {attribute: why for attribute, why in standing.items() if attribute not in ended}


def _token_span(tokens: Tokens, start: int, end: int) -> tuple[int, int]:
    """The tokens of a character span, without marks at its end: the "?" of "pregnant?" is the answer's."""
    first, last = bisect_right(tokens.ends, start), bisect_left(tokens.starts, end)
    while last - first > 1 and tokens.norms[last - 1] in ENDING_MARKS:
        last -= 1
    return first, last


def _deciding_cues(reading: _Reading, spans: list[tuple[int, int]]) -> list[dict[str, FoundCue]]:
    """For each token span, the nearest cue of each attribute whose scope holds it."""
    stops = _stops(reading.found)
    deciding: list[dict[str, FoundCue]] = [{} for _ in spans]
    order = sorted(range(len(spans)), key=lambda i: spans[i])
    firsts = [spans[i][0] for i in order]
    longest = max((last - first for first, last in spans), default=0)
    for cue in reading.found:
        if cue.rule.kind != "cue":
            continue
        for attribute in cue.attributes:
            for low, high in _scopes(cue, attribute, reading.clauses, stops):
                for i in order[bisect_left(firsts, low - longest) : bisect_left(firsts, high)]:
                    if _holds(cue, attribute, low, high, spans[i]) and reading.clauses.same_aside(cue.first, spans[i][0]):
                        _keep_nearest(deciding[i], attribute, cue, spans[i])
    return [_without_denied_cues(cues) for cues in deciding]


def _stops(found: list[FoundCue]) -> dict[str, tuple[list[int], list[int]]]:
    """For each attribute, where forward scopes must end and where backward scopes must begin."""
    stops: dict[str, tuple[list[int], list[int]]] = {attribute: ([], []) for attribute in ATTRIBUTES}
    for cue in found:
        for attribute in cue.attributes:
            if cue.rule.kind == "terminate":
                stops[attribute][0].append(cue.first)
                if cue.rule.direction == "both":
                    stops[attribute][1].append(cue.last)
            elif cue.rule.direction == "backward":
                stops[attribute][1].append(cue.last)
    for _, backward in stops.values():
        backward.sort()
    return stops


def _scopes(
    cue: FoundCue, attribute: str, clauses: Clauses, stops: dict[str, tuple[list[int], list[int]]]
) -> Iterable[tuple[int, int]]:
    """The token ranges that a cue reaches, before and after itself."""
    rule = cue.rule
    if rule.direction == "within":
        yield cue.first, cue.last
        return
    if rule.stands == "cell":
        yield cue.floor, cue.first
        return
    if rule.direction != "backward":
        end = clauses.forward_end(cue.last, rule.reach, negating=attribute == "negated")
        end = min(end, following(stops[attribute][0], cue.last, end), cue.within or end)
        yield cue.last, end if rule.max_tokens is None else min(end, cue.last + rule.max_tokens)
    if rule.direction != "forward" and cue.within is None:
        floor = 0 if rule.reach == "sentence" else preceding(stops[attribute][1], cue.first, 0)
        start = clauses.backward_start(cue.first, rule.reach, floor)
        yield start if rule.max_tokens is None else max(start, cue.first - rule.max_tokens), cue.first


def _holds(cue: FoundCue, attribute: str, low: int, high: int, span: tuple[int, int]) -> bool:
    """Before the cue the span must lie wholly, its last token in scope; after it, begin there; or it holds the cue.

    A span that begins with the doubt itself ("possible episcleritis"), or with the last words of a cue ("not used
    any drugs" for "used any drugs"), is held too.
    """
    first, last = span
    if cue.rule.direction == "within":
        return first <= cue.first and cue.last <= last
    if low >= cue.last > first and last > cue.last:
        return first > cue.first or (first == cue.first and attribute == "uncertain" and cue.rule.reach == "phrase")
    return low <= first < high if low >= cue.last else low < last <= high


def _keep_nearest(deciding: dict[str, FoundCue], attribute: str, cue: FoundCue, span: tuple[int, int]) -> None:
    other = deciding.get(attribute)
    if other is None or _distance(cue, span) < _distance(other, span):
        deciding[attribute] = cue


def _distance(cue: FoundCue, span: tuple[int, int]) -> int:
    return span[0] - cue.last if cue.last <= span[0] else cue.first - span[1]


def _without_denied_cues(cues: dict[str, FoundCue]) -> dict[str, FoundCue]:
    """A hedge or plan that is itself denied says nothing: "no suspected fracture", "no vaccines planned"."""
    no = cues.get("negated")
    if no is None:
        return cues
    if no.rule.direction == "forward":
        denied = {
            name
            for name, direction in DENIABLE
            if name in cues and no.first <= cues[name].first and cues[name].rule.direction == direction
        }
    else:
        denied = {
            name
            for name, _ in DENIABLE
            if no.rule.stands == "cell"
            and name in cues
            and cues[name].first < no.first
            and cues[name].rule.direction == "backward"
        }
    return {attribute: cue for attribute, cue in cues.items() if attribute not in denied}


def _assertion(deciding: dict[str, FoundCue], standing: dict[str, str], text: str, tokens: Tokens) -> Assertion:
    said = {a: " ".join(text[tokens.starts[c.first] : tokens.ends[c.last - 1]].split()) for a, c in deciding.items()}
    said = {**standing, **said}
    if not said:
        return NOTHING
    cues = tuple((attribute, said[attribute]) for attribute in ATTRIBUTES if attribute in said)
    return replace(NOTHING, **dict.fromkeys(said, True), cues=cues)
