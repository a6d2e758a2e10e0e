"""The scorer: reads a gold folder and a run folder, and knows nothing of the system that made the run.

Read in the order data flows: `records`, `read`, `pairing`, `counts`, `metrics`, `intervals`, `scores`; then
what is asked of two runs (`compare`), of two annotators (`agreement`), of a sample (`sampling`), of a ranked
list (`ranking`, `calibration`), of every error (`errors`, `report`). Write `from eval.metrics import …`:
`eval` alone hides a builtin.
"""
