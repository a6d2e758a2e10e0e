"""Gold corpora: their records, reading, checking, building from chart files, and the formats of annotation tools.

A corpus is a folder with `notes.jsonl`, `patients.jsonl`, `gold.jsonl` and, where patients are parted, `splits.csv`.
"""
