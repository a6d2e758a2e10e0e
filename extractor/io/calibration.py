"""`calibration.json` in, the calibration that scores candidates out; refused where it was fitted on what something else judged.

`prescreen calibrate` writes the file. It holds more than is needed here: what the fit is worth, which is for people.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from extractor.errors import InputError, RunError
from extractor.ranking import Calibration

FEATURES = ["score", "failed", "to_review"]
"""The numbers of a candidate that `Calibration` knows, in its order."""
HASHES = ("trial_sha256", "patterns_sha256", "gold_sha256")
TRIPLES = ("means", "scales", "coefficients")
SHOWN = 12
"""Characters of a hash in a message."""


def read_calibration(path: Path) -> Calibration:
    """The calibration of a file; raises `InputError` when it is not one that `prescreen calibrate` wrote."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        faults = _faults(content)
    except OSError:
        raise InputError(f"{path}: no such file; prescreen calibrate writes one") from None
    except ValueError:
        faults = ["not JSON"]
    if faults:
        raise InputError(f"{path}: not a calibration of this version, make it anew with prescreen calibrate: {'; '.join(faults)}")
    hashes: dict[str, str] = {name: content[name] for name in HASHES}
    means, scales, coefficients = (_triple(content[name]) for name in TRIPLES)
    return Calibration(**hashes, means=means, scales=scales, coefficients=coefficients, intercept=float(content["intercept"]))


def check_calibration(calibration: Calibration, *, trial_sha256: str, patterns_sha256: str | None) -> None:
    """Raises `RunError` unless the run judges by the trial, and reads by the patterns, that the calibration was fitted on.

    `patterns_sha256` is `None` where the mentions do not say by which they were read.
    """
    found = {"trial": (calibration.trial_sha256, trial_sha256), "patterns": (calibration.patterns_sha256, patterns_sha256)}
    faults = [
        f"the {name} it was fitted with ({fitted[:SHOWN]}) are not those of this run ({(own or 'unknown')[:SHOWN]})"
        for name, (fitted, own) in found.items()
        if fitted != own
    ]
    if faults:
        raise RunError(f"the calibration does not fit: {'; '.join(faults)}; run without --calibration, score, and calibrate anew")


def _faults(content: Any) -> list[str]:
    if not isinstance(content, dict):
        return ["not an object"]
    faults = [f"{name} is no text" for name in HASHES if not isinstance(content.get(name), str)]
    if content.get("features") != FEATURES:
        faults.append(f"features are not {', '.join(FEATURES)}")
    faults += [f"{name} are not three numbers" for name in TRIPLES if not _are_numbers(content.get(name))]
    if not _are_numbers([content.get("intercept")] * len(FEATURES)):
        faults.append("intercept is no number")
    if _are_numbers(content.get("scales")) and min(content["scales"]) <= 0:
        faults.append("scales are not above 0")
    return faults


def _triple(values: list[float]) -> tuple[float, float, float]:
    first, second, third = map(float, values)
    return first, second, third


def _are_numbers(values: Any) -> bool:
    return (
        isinstance(values, list)
        and len(values) == len(FEATURES)
        and all(isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) for value in values)
    )
