"""Tasks done one after the other in this process: for tests and for a library user with a few notes."""

from __future__ import annotations

from collections.abc import Iterator

from extractor.engines.tasks import Done, Task
from extractor.engines.work import Setup, Worker


class InlineEngine:
    """No process is started, so a crash of the interpreter is not survived."""

    def __init__(self, setup: Setup) -> None:
        self._worker = Worker(setup)

    def map(self, tasks: Iterator[Task]) -> Iterator[Done]:
        """The results in the order of the tasks."""
        for task in tasks:
            work = self._worker.read if task.kind == "read" else self._worker.judge
            yield Done(task.number, work(*task.tables))

    def close(self) -> None:
        """Nothing was started."""
