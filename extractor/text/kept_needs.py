"""Expressions in, their needs out (`needs.py`), worked out once for each set of patterns and kept between runs.

Working them out takes seconds of each start. They depend on nothing but the expressions and the program, so they are kept
in the user's cache folder, named after both; no note is ever in there. A file that is damaged, or cannot be read or
written, only costs the time again.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from extractor.text import frequent, lookup, needs
from extractor.text.lookup import needs_by_view
from extractor.text.needs import Need, Pattern

Needs = tuple[list[Need], list[Need]]
"""What an expression needs in its letters, and in its signs."""
FOLDER = "PRESCREEN_CACHE"
"""The environment variable that names another folder; empty, nothing is kept."""
FEW = 200
"""So many expressions are quicker worked out than kept."""
KEPT_FILES = 4  # of the sets of patterns in use; older files are removed


def needs_of(patterns: Sequence[Pattern]) -> list[Needs]:
    """The needs of each expression, in order: the kept ones when this program has met these expressions before."""
    folder = cache_folder() if len(patterns) >= FEW else None
    path = folder / f"needs-{_key(patterns)}.json" if folder else None
    kept = _read(path) if path else None
    if kept is None:
        kept = [needs_by_view(pattern) for pattern in patterns]
        if path:
            _write(path, kept)
    return kept


def cache_folder() -> Path | None:
    """The folder that `PRESCREEN_CACHE` names, or `prescreen` in the user's own cache folder; `None` for none."""
    named = os.environ.get(FOLDER)
    if named is not None:
        return Path(named) if named else None
    base = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME")
    if base:
        return Path(base) / "prescreen"
    try:
        return Path.home() / ".cache" / "prescreen"
    except RuntimeError:  # a user without a home
        return None


def _key(patterns: Sequence[Pattern]) -> str:
    """Of the expressions, the code that reads them and the Python whose parser it uses."""
    key = sha256(repr((sys.version, list(patterns))).encode())
    for module in (needs, lookup, frequent):
        key.update(Path(str(module.__file__)).read_bytes())
    return key.hexdigest()[:32]


def _read(path: Path) -> list[Needs] | None:
    try:
        stated, _, body = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    if sha256(body).hexdigest().encode() != stated:
        return None
    return [([frozenset(need) for need in letters], [frozenset(need) for need in marks]) for letters, marks in json.loads(body)]


def _write(path: Path, kept: Sequence[Needs]) -> None:
    """Puts the file in its place whole, so that processes that start together never read half of it."""
    body = json.dumps([[[sorted(need) for need in view] for view in views] for views in kept]).encode()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as written:
                written.write(sha256(body).hexdigest().encode() + b"\n" + body)
            os.replace(name, path)
        except OSError:
            os.unlink(name)
            return
        files = sorted(path.parent.glob("needs-*.json"), key=lambda file: file.stat().st_mtime)
        for file in files[:-KEPT_FILES]:
            file.unlink(missing_ok=True)
    except OSError:
        return
