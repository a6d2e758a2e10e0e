"""Virtual environments for what cannot share ours: made when they are first wanted, and kept in a cache folder."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


def environment(cache: Path, name: str, packages: Sequence[str]) -> Path:
    """The Python of the environment `name`, which pip fills with `packages` when it is not there yet."""
    folder = cache / f"{name}-py{sys.version_info.major}{sys.version_info.minor}"
    python, ready = folder / "bin" / "python", folder / ".ready"
    if not ready.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *packages], check=True)
        ready.touch()
    return python


def outside() -> dict[str, str]:
    """The environment variables without those that would lead another Python to our packages."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
