"""The worklist: search in all notes, filters, and what stands in no address."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from extractor.review import schema
from extractor.review.database import Database

Meet = Callable[..., Any]


def test_words_are_searched_in_all_notes_and_stand_in_no_address(database: Database, meet: Meet) -> None:
    root = meet(database, "root")
    root.open("/")
    page = root.send("/filter", words="mycophen")
    assert root.page.url.query == b""
    found = set(re.findall(r"D1-\d+", re.sub(r'value="[^"]*"', "", page)))
    assert "D1-002" in found
    assert "D1-006" not in found or "mycophen" in root.open_chart(database, "D1-006").lower()
    root.open("/")
    page = root.send("/filter", clear="yes")
    assert "5 charts" in page


def test_the_list_is_narrowed_to_what_a_reviewer_decided_or_was_given(database: Database, meet: Meet) -> None:
    ada, ben = meet(database, "ada"), meet(database, "ben")
    ada.open_chart(database, "D1-001")
    ada.decide("E6", "met")
    ben.open_chart(database, "D1-002")
    with database.read() as connection:
        ids = dict(connection.execute(select(schema.account.c.name, schema.account.c.id)).tuples().all())
    ben.open("/")
    assert set(re.findall(r">(D1-\d+)</a>", ben.send("/filter", reviewer=str(ids["ada"])))) == {"D1-001"}
    assert set(re.findall(r">(D1-\d+)</a>", ben.send("/filter", reviewer=str(ids["ben"])))) == set()


def test_filters_narrow_the_list(database: Database, meet: Meet) -> None:
    root = meet(database, "root")
    root.open("/")
    assert "D1-001" not in root.send("/filter", status="ineligible")
    assert "D1-002" in root.page.text
    page = root.send("/filter", status="", since="2025-06-01", until="2025-06-30")
    assert "D1-001" in page
    assert "D1-002" not in page
    with database.read() as connection:
        query = select(schema.chart.c.patient_id, schema.verdict.c.effect).join(
            schema.verdict, schema.verdict.c.chart_id == schema.chart.c.id
        )
        effects = dict(connection.execute(query.where(schema.verdict.c.criterion_id == "E4")).tuples().all())
    page = root.send("/filter", since="", until="", criterion="E4")
    assert set(re.findall(r">(D1-\d+)</a>", page)) == {
        patient for patient, effect in effects.items() if effect == "review" and patient[0] == "D"
    }
