"""Who gets in, what every answer carries, and what never leaves."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text, update

from extractor.errors import RunError
from extractor.review import accounts, schema
from extractor.review.database import Database
from extractor.review.security import HEADERS, hosts_of
from extractor.review.serve import Address, check_address

Meet = Callable[..., Any]
Serve = Callable[..., Any]


@contextmanager
def stranger(serve: Serve, database: Database) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=serve(database).address, trust_env=False, timeout=60) as client:
        yield client


@pytest.mark.parametrize("path", ["/login", "/alive", "/static/review.css", "/nowhere", "/record"])
def test_every_answer_carries_the_headers(sqlite: Database, serve: Serve, path: str) -> None:
    with stranger(serve, sqlite) as client:
        answer = client.get(path)
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    assert "server" not in answer.headers


def test_the_policy_allows_neither_inline_code_nor_strangers(sqlite: Database, meet: Meet) -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    page = meet(sqlite, "ada").open_chart(sqlite, "D1-001")
    assert " style=" not in page
    assert "<style" not in page
    assert " onclick" not in page
    assert page.count("<script") == 1
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page


@pytest.mark.parametrize("path", ["/", "/record", "/accounts", "/help"])
def test_pages_are_closed_without_a_session(sqlite: Database, serve: Serve, path: str) -> None:
    with stranger(serve, sqlite) as client:
        answer = client.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login"


def test_a_foreign_host_name_is_refused(sqlite: Database, serve: Serve) -> None:
    with stranger(serve, sqlite) as client:
        assert client.get("/login", headers={"Host": "evil.example"}).status_code == 421
        assert client.get("/login", headers={"Host": "127.0.0.1.evil.example:80"}).status_code == 421


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}]
)
def test_a_form_from_another_site_is_refused(sqlite: Database, serve: Serve, headers: dict[str, str]) -> None:
    with stranger(serve, sqlite) as client:
        assert client.post("/login", data={"name": "ada", "password": "x"}, headers=headers).status_code == 403


def test_a_form_without_the_sessions_token_is_refused(sqlite: Database, meet: Meet) -> None:
    ada = meet(sqlite, "ada")
    ada.open_chart(sqlite, "D1-001", "E6")
    form = ada.form("/verdict/E6")
    for token in ("", "wrong", meet(sqlite, "ada").form("/logout").fields["csrf"]):
        answer = ada.client.post(form.action, data={**form.fields, "csrf": token, "verdict": "met", "comment": "kept text"})
        assert answer.status_code == 403
        assert "kept text" in answer.text
    with sqlite.read() as connection:
        assert connection.execute(select(schema.entry).where(schema.entry.c.kind == "verdict")).first() is None


def test_too_large_a_form_is_refused(sqlite: Database, serve: Serve) -> None:
    with stranger(serve, sqlite) as client:
        assert client.post("/login", data={"name": "x" * 1_100_000}).status_code == 413


def test_a_form_that_hides_its_length_is_refused(sqlite: Database, serve: Serve) -> None:
    """Sent in pieces, it could be longer than any limit."""
    with stranger(serve, sqlite) as client:
        assert client.post("/login", content=iter([b"name=" + b"x" * 100])).status_code == 411


def test_many_guesses_at_once_are_no_more_than_in_turn(database: Database, serve: Serve) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def guess(number: int) -> int:
        return int(client.post("/login", data={"name": "ada", "password": f"guess {number}"}).status_code)

    with stranger(serve, database) as client, ThreadPoolExecutor(10) as workers:
        answers = list(workers.map(guess, range(10)))
    assert sorted(answers) == [401] * accounts.MOST_FAILURES_OF_A_NAME + [429] * (10 - accounts.MOST_FAILURES_OF_A_NAME)


def test_guessing_passwords_is_slowed(sqlite: Database, serve: Serve, clock: Any, tools: Any) -> None:
    with stranger(serve, sqlite) as client:
        for _ in range(accounts.MOST_FAILURES_OF_A_NAME):
            assert client.post("/login", data={"name": "ada", "password": "wrong"}).status_code == 401
        assert client.post("/login", data={"name": "ada", "password": tools.PASSWORD}).status_code == 429
        clock.time += accounts.WINDOW + timedelta(seconds=1)
        assert client.post("/login", data={"name": "ada", "password": tools.PASSWORD}).status_code == 303


def test_an_unknown_name_is_told_nothing_else_than_a_wrong_password(sqlite: Database, serve: Serve) -> None:
    with stranger(serve, sqlite) as client:
        wrong = client.post("/login", data={"name": "ada", "password": "wrong"})
        unknown = client.post("/login", data={"name": "nobody", "password": "wrong"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text == unknown.text


def test_a_session_ends_idle_and_at_the_longest(sqlite: Database, meet: Meet, clock: Any) -> None:
    ada = meet(sqlite, "ada")
    for _ in range(2):
        clock.time += timedelta(minutes=29)
        ada.open("/")
        assert ada.page.url.path.startswith("/studies/")
    clock.time += timedelta(minutes=31)
    ada.open("/")
    assert ada.page.url.path == "/login"
    ben = meet(sqlite, "ben")
    for _ in range(26):
        clock.time += timedelta(minutes=28)
        ben.open("/alive")
        ben.open("/help")
    assert ben.page.url.path == "/login"


def test_signing_out_ends_the_session_on_the_server(sqlite: Database, meet: Meet) -> None:
    ada = meet(sqlite, "ada")
    cookie = ada.client.cookies["session"]
    ada.send("/logout")
    answer = httpx.get(str(ada.page.url.join("/")), cookies={"session": cookie}, trust_env=False)
    assert answer.status_code == 303


def test_the_cookie_is_kept_from_scripts_and_other_sites(sqlite: Database, serve: Serve, tools: Any) -> None:
    with stranger(serve, sqlite) as client:
        cookie = client.post("/login", data={"name": "ada", "password": tools.PASSWORD}).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()


def test_passwords_and_cookies_are_stored_as_hashes(sqlite: Database, meet: Meet, tools: Any) -> None:
    ada = meet(sqlite, "ada")
    with sqlite.read() as connection:
        stored = connection.execute(select(schema.account.c.password_hash)).scalars().all()
        sessions = connection.execute(select(schema.session.c.token_sha256)).scalars().all()
    assert all(one.startswith("$argon2id$") for one in stored)
    assert ada.client.cookies["session"] not in sessions


@pytest.mark.parametrize(
    ("name", "path"),
    [("ada", "/record"), ("ada", "{study}/settings"), ("ada", "{study}/export"), ("ada", "{study}/adjudication"), ("cleo", "/record"), ("cleo", "{study}/settings")],
)  # fmt: skip
def test_a_role_opens_only_its_pages(sqlite: Database, meet: Meet, name: str, path: str) -> None:
    person = meet(sqlite, name)
    person.open("/")
    person.open(path.format(study=person.page.url.path))
    assert person.page.status_code == 403


def test_forms_of_an_admin_are_closed_to_others(sqlite: Database, meet: Meet) -> None:
    ada = meet(sqlite, "ada")
    csrf = ada.form("/logout").fields["csrf"]
    for path in ("/accounts/add", "/accounts/1", "/record/verify"):
        assert ada.client.post(path, data={"csrf": csrf}).status_code == 403


def test_accounts_are_made_closed_and_recorded(sqlite: Database, meet: Meet) -> None:
    root = meet(sqlite, "root")
    root.open("/accounts")
    root.send("/accounts/add", name="dora", password="short", roles=["reviewer"])
    assert "at least 12 characters" in root.page.text
    root.open("/accounts")
    root.send("/accounts/add", name="dora", password="a longer pass phrase", roles=["reviewer"])
    assert "dora" in root.page.text
    with sqlite.read() as connection:
        me = connection.execute(select(schema.account.c.id).where(schema.account.c.name == "root")).scalar_one()
        ada = connection.execute(select(schema.account.c.id).where(schema.account.c.name == "ada")).scalar_one()
    root.send(f"/accounts/{me}", roles=["reviewer"], active="yes")
    assert "last admin" in root.page.text
    person = meet(sqlite, "ada")
    root.open("/accounts")
    root.page = root.client.post(f"/accounts/{ada}", data={"csrf": root.form("/logout").fields["csrf"], "roles": ["reviewer"]})
    assert "ada (closed)" in root.page.text
    assert person.open("/")
    assert person.page.url.path == "/login"


def test_ones_own_password_is_changed_with_the_old_one(sqlite: Database, meet: Meet, tools: Any) -> None:
    ada = meet(sqlite, "ada")
    ada.open("/accounts")
    ada.send("/accounts/password", password="wrong", new_password="another long phrase")
    assert ada.page.status_code == 422
    ada.open("/accounts")
    ada.send("/accounts/password", password=tools.PASSWORD, new_password="another long phrase")
    assert ada.page.url.path == "/login"
    ada.send("/login", name="ada", password="another long phrase")
    assert ada.page.url.path.startswith("/studies/")


def test_the_first_account_needs_the_code_of_the_terminal(empty: Database, serve: Serve) -> None:
    with stranger(serve, empty) as client:
        assert client.get("/login").headers["location"] == "/setup"
        form = {"name": "ada", "password": "correct horse battery"}
        assert client.post("/setup", data={**form, "code": "guess"}).status_code == 422
        assert client.post("/setup", data={**form, "code": "the-code"}).status_code == 303
        assert client.get("/setup").status_code == 404
        assert client.post("/setup", data={**form, "name": "eve", "code": "the-code"}).status_code == 404


def test_a_failure_says_nothing_of_a_note(sqlite: Database, meet: Meet, caplog: pytest.LogCaptureFixture) -> None:
    ada = meet(sqlite, "ada")
    ada.open_chart(sqlite, "D1-001")
    with sqlite.write() as connection:
        connection.execute(update(schema.study).values(trial="mycophenolate for Mr Smith"))
    with caplog.at_level(logging.DEBUG):
        page = ada.open_chart(sqlite, "D1-001")
    assert ada.page.status_code == 500
    assert "Nothing of this request was recorded" in page
    assert "mycophenolate" not in page + caplog.text
    assert "Smith" not in page + caplog.text
    assert "ValidationError" in caplog.text


def test_a_form_that_met_a_failure_is_offered_again(sqlite: Database, meet: Meet, caplog: pytest.LogCaptureFixture) -> None:
    ada = meet(sqlite, "ada")
    ada.open_chart(sqlite, "D1-001", "E6")
    with sqlite.read() as connection:
        trial = connection.execute(select(schema.study.c.trial)).scalar_one()
    with sqlite.write() as connection:
        connection.execute(update(schema.study).values(trial="mycophenolate for Mr Smith"))
    page = ada.send("/verdict/E6", verdict="met", comment="typed for an hour")
    assert ada.page.status_code == 500
    assert "The server failed" in page
    assert "typed for an hour" in page
    assert "Smith" not in page + caplog.text
    with sqlite.write() as connection:
        connection.execute(update(schema.study).values(trial=trial))
    ada.send("/verdict/E6")
    assert "typed for an hour" in ada.page.text
    assert "1 of 18 decided" in ada.page.text


def test_a_database_error_shows_no_parameters(sqlite: Database) -> None:
    with pytest.raises(Exception, match="hide_parameters|no such table") as raised, sqlite.read() as connection:
        connection.execute(text("SELECT * FROM nowhere WHERE a = :a"), {"a": "pneumonia of Mr Smith"})
    assert "Smith" not in str(raised.value)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::"])
def test_another_address_than_loopback_needs_tls(sqlite: Database, host: str) -> None:
    with pytest.raises(RunError, match="unencrypted; give --tls-cert and --tls-key"):
        check_address(sqlite, Address(host, 8475))


def test_another_address_than_loopback_needs_accounts(empty: Database, tmp_path: Path) -> None:
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).write_text("x")
    address = Address("192.0.2.7", 8475, (), tmp_path / "cert.pem", tmp_path / "key.pem")
    with pytest.raises(RunError, match="make the first account on loopback"):
        check_address(empty, address)
    with pytest.raises(RunError, match="belong together"):
        check_address(empty, Address("127.0.0.1", 8475, (), tmp_path / "cert.pem"))


def test_it_answers_to_its_own_names_only() -> None:
    assert hosts_of("127.0.0.1", []) == ("127.0.0.1", "localhost", "[::1]")
    assert hosts_of("192.0.2.7", ["Review.example"]) == ("192.0.2.7", "review.example")
