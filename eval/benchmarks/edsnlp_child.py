"""Runs in EDS-NLP's own environment: a JSON file of terms is its argument, notes come in as JSON strings, counts go out.

It imports nothing of this project. The components are those that answer the same questions: sentences, our terms,
and the four qualifiers; no normaliser, which would only cost time.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path


def main() -> None:
    """Answers every line with the number of entities and the processor seconds so far, after a first line with the version."""
    import edsnlp  # type: ignore[import-not-found]

    nlp = edsnlp.blank("eds")
    nlp.add_pipe("eds.sentences")
    terms = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    nlp.add_pipe("eds.matcher", config={"terms": {"term": terms}, "attr": "LOWER"})
    for qualifier in ("eds.negation", "eds.hypothesis", "eds.family", "eds.history"):
        nlp.add_pipe(qualifier)
    answer(json.dumps({"version": edsnlp.__version__}))
    for line in sys.stdin:
        count = len(nlp(json.loads(line)).ents)
        answer(json.dumps([count, time.process_time()]))


def answer(line: str) -> None:
    """One line to the parent, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
