"""`long_run.py NOTES OUT [resume]`: a run in small batches with the poisonous pipeline, to be killed by a test."""

from __future__ import annotations

import sys
from pathlib import Path

import poisonous

from extractor.engines import batches
from extractor.engines.processes import ProcessEngine
from extractor.engines.runs import Plan, input_key, run
from extractor.engines.work import Setup
from extractor.errors import RunError
from extractor.spec.trials import load_trial

if __name__ == "__main__":
    batches.NOTES_IN_BATCH = 5
    batches.CHARTS_IN_BATCH = 3
    notes, out = Path(sys.argv[1]), Path(sys.argv[2])
    trial = load_trial("rp-low-dose-il2")
    setup = Setup(trial=trial, make_pipeline=poisonous.make)
    plan = Plan(out, input_key(notes, None), notes=notes, trial=trial)
    try:
        run(plan, lambda: ProcessEngine(setup, workers=2), resume="resume" in sys.argv)
    except RunError as error:
        sys.stdout.write(str(error))
        sys.exit(2)
