"""For how long a drug was taken, where the length does not stand right behind its dose."""

from __future__ import annotations

from datetime import date

import pytest

from extractor.records import Mention, Note
from extractor.text.pipeline import FastPipeline

PIPELINE = FastPipeline.load()


def drug(text: str, concept: str) -> Mention:
    found = PIPELINE.mentions(Note("n", "p", date(2025, 6, 16), text, "Clinic note"))
    (mention,) = (m for m in found if m.concept == concept)
    return mention


@pytest.mark.parametrize(
    ("text", "concept", "days"),
    [
        ("She had six months of azathioprine in 2023.", "azathioprine", "183"),
        ("After 4 months of methotrexate 20 mg weekly the ears flare.", "methotrexate", "122"),
        ("On MTX 1 yr.", "methotrexate", "365"),
        ("Prednisone 10 mg qd + hydroxychloroquine 0.2 bid + thalidomide, 5 months.", "hydroxychloroquine", "152"),
        ("Azathioprine and prednisone for 8 months.", "azathioprine", "244"),
        ("MTX 2 yrs ago.", "methotrexate", None),
        ("Continue MTX, 3 months supply.", "methotrexate", None),
        ("MTX 10 mg weekly, RTC 3 months.", "methotrexate", None),
        ("10 days of prednisone 40 mg.", "prednisone", None),
    ],
)
def test_a_length_is_that_of_the_drug_it_is_told_of(text: str, concept: str, days: str | None) -> None:
    assert drug(text, concept).attribute("duration_days") == days


def test_the_day_of_the_first_dose_starts_the_drug() -> None:
    mention = drug("Leflunomide 20 mg, first tablet 2 June.", "leflunomide")
    assert (mention.attribute("status"), mention.when.earliest) == ("started", date(2025, 6, 2))
