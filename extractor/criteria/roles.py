"""The role a vote plays as evidence: for, against, or set aside with the reason.

By itself a mention supports when it is firm and in time and refutes when it denies; the node's options and what was
decided can overtake it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from extractor.criteria.items import Vote
from extractor.criteria.outcome import Seen, merged
from extractor.logic import Truth
from extractor.records import Reason
from extractor.spec.nodes import Find, SetAside

Role = Callable[[Find, Vote, Truth], "Seen | None"]


def plain_role(spec: Find, vote: Vote, truth: Truth) -> Seen | None:
    """The role of a vote by itself, as docs/trial-language.md tells it."""
    if isinstance(vote.item, SetAside) and vote.item.undecided_only and truth is not Truth.UNKNOWN:
        return None
    if vote.side == "supports" and vote.place == "inside":
        return Seen(vote.mention, "supports")
    if vote.side == "refutes" and not _overtaken(spec, vote, truth):
        return Seen(vote.mention, "refutes")
    return Seen(vote.mention, "rejected", _reason(vote))


def _overtaken(spec: Find, vote: Vote, truth: Truth) -> bool:
    outside = spec.refutes_in_window and vote.place != "inside"
    return outside or (truth is Truth.TRUE and vote.denies and spec.denials_when_met == "set_aside")


def _reason(vote: Vote) -> Reason:
    if vote.reason is not None:
        return vote.reason
    if vote.side == "contradicts" or (vote.denies and vote.place == "inside"):
        return "negated"
    return "uncertain" if vote.place == "maybe" else "historical"


def seen_of(spec: Find, votes: Sequence[Vote], truth: Truth, role: Role) -> tuple[Seen, ...]:
    """The evidence of the votes that are to be shown."""
    entries = (role(spec, vote, truth) for vote in votes if vote.item.shown)
    return merged(entry for entry in entries if entry is not None)


def role_when(spec: Find, votes: Sequence[Vote], truth: Truth) -> Role:
    """Plain roles, but a denial older than what holds is history where the node says so."""
    held = [v.mention.note_date for v in votes if v.side == "supports" and v.place == "inside"]
    if truth is not Truth.TRUE or spec.older_denials == "refutes" or not held:
        return plain_role

    def role(spec: Find, vote: Vote, truth: Truth) -> Seen | None:
        if vote.side == "refutes" and vote.mention.note_date < max(held):
            return Seen(vote.mention, "rejected", "historical")
        return plain_role(spec, vote, truth)

    return role
