"""A pipeline that does what a note tells it: crash, hang, eat memory, raise; any other note has one mention, its first word."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from types import SimpleNamespace

from extractor.errors import SpecError
from extractor.records import Mention, Note


class Poisonous:
    rules = SimpleNamespace(sha256="poison")

    def mentions(self, note: Note) -> list[Mention]:
        word = note.note_text.split(" ", 1)[0]
        act = {
            "CRASH": crash,
            "EXIT": leave,
            "HANG": hang,
            "DEAF": hang_deaf,
            "MEMORY": eat,
            "RAISE": fail,
            "SLOW": wait,
            "CRASH-ONCE": crash_once,
        }.get(word)
        if act is not None:
            act(note.note_text)
        return [
            Mention(
                "secret \ud800" if word == "UNWRITABLE" else note.note_id,
                note.patient_id,
                note.note_date,
                "word",
                0,
                len(word),
                word,
                snippet=note.note_text[:40],
                attributes=(("by", "test"),),
            )
        ]


def make(patterns: Path | None, day_first: bool | None) -> Poisonous:
    return Poisonous()


def make_broken(patterns: Path | None, day_first: bool | None) -> Poisonous:
    raise SpecError("concepts/x.yaml:3: unknown key")


def make_hungry(patterns: Path | None, day_first: bool | None) -> Poisonous:
    raise MemoryError


def crash(text: str) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def crash_once(text: str) -> None:
    mark = Path(text.split(" ", 1)[1])
    if not mark.exists():
        mark.write_text("")
        crash(text)


def leave(text: str) -> None:
    os._exit(3)


def hang(text: str) -> None:
    while True:
        pass


def hang_deaf(text: str) -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
    time.sleep(600)


def eat(text: str) -> None:
    kept = []
    while True:
        kept.append(bytearray(500_000_000))


def wait(text: str) -> None:
    Path(text.split(" ", 1)[1]).touch()
    time.sleep(1)


def fail(text: str) -> None:
    raise ValueError(text)
