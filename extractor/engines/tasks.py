"""What an engine is given and gives back: batches by number, the tables made of them, and what it may use for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
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


@dataclass(frozen=True)
class Done:
    """The tables that a worker made of a task."""

    number: int
    tables: Mapping[str, pa.Table] = field(repr=False)


class Engine(Protocol):
    """Does tasks in any order; nothing that happens inside one ends the others."""

    def map(self, tasks: Iterator[Task]) -> Iterator[Done]:
        """The results as they come, each once. Only a bounded number of tasks is taken ahead."""
        ...

    def close(self) -> None:
        """Ends what the engine has started."""
        ...
