"""How a run ends that does not come to its end: by a person, by a scheduler, by a full disk, by a fault; always in one line."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EDQUOT, ENOSPC
from pathlib import Path
from types import FrameType

from extractor.engines.status import StatusBoard
from extractor.engines.tasks import Engine
from extractor.errors import ExtractorError, RunError

FULL = (ENOSPC, EDQUOT)


@contextmanager
def ending_cleanly(out: Path, board: StatusBoard, engine: Engine) -> Iterator[None]:
    """Ends the engine whatever happens; what a person or the disk has cut short is told with how to go on.

    SIGTERM, by which batch schedulers end a job, counts as Ctrl-C.
    """
    try:
        with _stopping_on_sigterm():
            yield
    except KeyboardInterrupt:
        board.tell("stopped")
        raise RunError(
            f"stopped after {board.notes:,} notes, which are kept in {out}: the same command with --resume goes on"
        ) from None
    except ExtractorError:
        board.tell("failed")
        raise
    except Exception as error:
        board.tell("failed")
        if not is_disk_full(error):
            raise
        raise RunError(f"{out}: the disk is full; make room and give the same command with --resume") from None
    finally:
        engine.close()


def is_disk_full(error: Exception) -> bool:
    """Whether the system, or DuckDB when it sorts on the disk, has found no room."""
    if isinstance(error, OSError):
        return error.errno in FULL
    return type(error).__module__.partition(".")[0] in ("duckdb", "_duckdb") and "No space left" in str(error)


@contextmanager
def _stopping_on_sigterm() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = signal.signal(signal.SIGTERM, _stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, former)


def _stop(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
