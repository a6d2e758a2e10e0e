"""Notes in, numbered tasks out. Where a batch ends depends on the input alone, so that a resumed run makes the same ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from zlib import crc32

import pyarrow as pa

from extractor.engines.since import Earlier
from extractor.engines.tasks import Task
from extractor.engines.work import CHARTS, note_table
from extractor.io.charts import Chart
from extractor.io.schema import MENTIONS
from extractor.records import Failure, Note

NOTES_IN_BATCH = 256
CHARACTERS_IN_BATCH = 4_000_000
"""A batch is closed with the note that makes it longer: a few notes of megabytes are a batch too."""
CHARTS_IN_BATCH = 64
MENTIONS_IN_BATCH = 20_000


@dataclass
class Batch:
    """Rows of the input that came one after the other: those that are notes, and those that could not be read."""

    number: int
    notes: list[Note] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    reused: list[Note] = field(default_factory=list)
    order: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return len(self.notes) + len(self.failures) + len(self.reused)

    def reuse(self, earlier: Earlier) -> pa.Table:
        """Takes out the notes that an earlier run has read just so, and returns their mentions."""
        self.order = [note.note_id for note in self.notes]
        self.reused = [note for note in self.notes if earlier.is_same(note)]
        same = {note.note_id for note in self.reused}
        self.notes = [note for note in self.notes if note.note_id not in same]
        return earlier.mentions(self.reused)


@dataclass(frozen=True, slots=True)
class Shard:
    """The part `index` of `count` of the patients; 1 of 1 is all of them."""

    index: int = 1
    count: int = 1

    def holds(self, patient_id: str | None) -> bool:
        """Whether the patient belongs to this shard; rows without one belong to the first."""
        if patient_id is None:
            return self.index == 1
        return crc32(patient_id.encode("utf-8")) % self.count == self.index - 1

    def share_of(self, total: int | None) -> int | None:
        """About how many of so many notes are this shard's."""
        return None if total is None else round(total / self.count)


def batches(rows: Iterable[Note | Failure], shard: Shard) -> Iterator[Batch]:
    """The rows of the shard in batches, in order."""
    batch, characters = Batch(0), 0
    for row in rows:
        if not shard.holds(row.patient_id):
            continue
        if isinstance(row, Failure):
            batch.failures.append(row)
        else:
            batch.notes.append(row)
            characters += len(row.note_text)
        if batch.rows >= NOTES_IN_BATCH or characters >= CHARACTERS_IN_BATCH:
            yield batch
            batch, characters = Batch(batch.number + 1), 0
    if batch.rows:
        yield batch


def read_task(batch: Batch) -> Task:
    """The notes of a batch for a worker."""
    return Task(batch.number, "read", (note_table(batch.notes),), len(batch.notes))


def judge_tasks(charts: Iterable[Chart], is_done: Callable[[int], bool]) -> Iterator[Task]:
    """Charts in batches, in order, for the workers; those that are done are left out."""
    waiting: list[Chart] = []
    number, mentions = 0, 0
    for chart in charts:
        waiting.append(chart)
        mentions += chart.mentions.num_rows
        if len(waiting) >= CHARTS_IN_BATCH or mentions >= MENTIONS_IN_BATCH:
            if not is_done(number):
                yield _judge_task(number, waiting)
            waiting, number, mentions = [], number + 1, 0
    if waiting and not is_done(number):
        yield _judge_task(number, waiting)


def _judge_task(number: int, charts: Sequence[Chart]) -> Task:
    rows: list[Mapping[str, object]] = [
        {
            "patient_id": chart.patient.patient_id,
            "sex": chart.patient.sex,
            "birth_date": chart.patient.birth_date,
            "index_date": chart.index_date,
            "mentions": chart.mentions.num_rows,
        }
        for chart in charts
    ]
    mentions = pa.concat_tables([MENTIONS.empty_table(), *(chart.mentions for chart in charts)])
    return Task(number, "judge", (pa.Table.from_pylist(rows, schema=CHARTS), mentions), len(charts))
