"""One run at a time in one folder: a lock that the system drops when its process ends, however it ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from extractor.errors import RunError

LOCK = ".lock"


@contextmanager
def holding(folder: Path) -> Iterator[None]:
    """Holds the folder while inside; raises `RunError` when another process does.

    Where there are no file locks (Windows) it is not held at all.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    path = folder / LOCK
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            raise RunError(f"{folder}: another run is writing here; wait for its end or choose another folder") from None
        if _is_still(handle, path):
            break
        os.close(handle)  # the run that held it has just ended and removed it
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(handle)


def check_free(folder: Path) -> None:
    """Raises `RunError` when another process holds the folder."""
    if (folder / LOCK).exists():
        with holding(folder):
            pass


def _is_still(handle: int, path: Path) -> bool:
    """Whether the open file is the one of that name."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False
