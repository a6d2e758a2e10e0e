"""EDS-NLP as a system to time: in a virtual environment of its own, which is made when it is first wanted, and kept.

Its spaCy is not ours, so it runs as another process that is handed one note at a time; the hand-over takes some 0.1 ms
a note and counts against it.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from eval.benchmarks.environments import environment, outside
from eval.benchmarks.systems import System
from extractor.records import Note

CHILD = Path(__file__).with_name("edsnlp_child.py")
VERSION = "0.23.0"


class EdsNlp:
    """The process with EDS-NLP; a context."""

    def __init__(self, terms: list[str], cache: Path) -> None:
        self._folder = tempfile.TemporaryDirectory()
        listed = Path(self._folder.name) / "terms.json"
        listed.write_text(json.dumps(terms), encoding="utf-8")
        python = environment(cache, f"edsnlp-{VERSION}", [f"edsnlp=={VERSION}"])
        command = [str(python), str(CHILD), str(listed)]
        self._process: subprocess.Popen[str] = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8",
            env=outside(),
        )  # fmt: skip
        self._used = 0.0
        self.version = str(json.loads(self._line())["version"])

    def __enter__(self) -> EdsNlp:
        return self

    def __exit__(self, *_: Any) -> None:
        self._process.kill()
        self._process.communicate()
        self._folder.cleanup()

    def system(self) -> System:
        """What the clock calls."""
        return System("EDS-NLP", self.read)

    def processor_seconds(self) -> float:
        """What the process has used when it gave its last answer."""
        return self._used

    def read(self, note: Note) -> int:
        """The number of entities of a note."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(note.note_text) + "\n")
        self._process.stdin.flush()
        count, self._used = json.loads(self._line())
        return int(count)

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the EDS-NLP process has ended")
        return line
