"""What an engine is given and gives back: batches by number, the tables made of them, and what it may use for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Literal, Protocol

import pyarrow as pa

Kind = Literal["read", "judge"]


@dataclass(frozen=True)
class Task:
    """A batch: `tables` are the arguments of the worker's method `kind`; `items` its notes or charts."""

    number: int
    kind: Kind
    tables: tuple[pa.Table, ...]
    items: int

    def singles(self) -> list[Task]:
        """The same work in tasks of one note or chart each, in order."""
        if self.kind == "read":
            return [Task(self.number, self.kind, (self.tables[0].slice(item, 1),), 1) for item in range(self.items)]
        charts, mentions = self.tables
        sizes = charts.column("mentions").to_pylist()
        starts = accumulate(sizes, initial=0)
        return [
            Task(self.number, self.kind, (charts.slice(item, 1), mentions.slice(start, size)), 1)
            for item, (start, size) in enumerate(zip(starts, sizes, strict=False))
        ]


@dataclass(frozen=True)
class Done:
    """The tables that a worker made of a task."""

    number: int
    tables: Mapping[str, pa.Table] = field(repr=False)


@dataclass(frozen=True)
class Fault:
    """What a worker answers when it has made nothing of a whole task. `why` holds no note text.

    `is_fatal` is a fault of the patterns or the program, which no other task would escape.
    """

    why: str
    is_fatal: bool


class Engine(Protocol):
    """Does tasks in any order; nothing that happens inside one ends the others."""

    def map(self, tasks: Iterator[Task]) -> Iterator[Done]:
        """The results as they come, each once. Only a bounded number of tasks is taken ahead."""
        ...

    def close(self) -> None:
        """Ends what the engine has started."""
        ...
