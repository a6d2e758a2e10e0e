"""The scorer: reads a gold folder and a run folder, and knows nothing of the system that made the run.

Read in the order data flows: `records`, `rows`, `read`, `pairing`, `counts`, `metrics`, `shares`, `intervals`, `figures`,
`levels`, `scores`; then what is asked of two runs (`compare`, `bars`), of annotators (`agreement`), of a sample (`sampling`,
`weighting`), of a ranked list (`ranking`, `calibration`, `calibrate`), of every error (`errors`, `excerpts`, `report`, `plots`);
`study` puts one run's together, `format` and `tables` write it down. Import from the modules: `from eval.metrics import f1`;
`eval` imported whole hides a builtin.
"""
