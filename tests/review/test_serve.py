"""The command: from a run folder to a page that answers, over TLS, and what it refuses."""

from __future__ import annotations

import os
import re
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from extractor.cli.app import main

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def started(*words: str) -> Iterator[tuple[str, str]]:
    """The command as a process of its own: the address and the code that it prints."""
    command = [sys.executable, "-m", "extractor", "review", *words, "--port", "0"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert process.stdout is not None
    printed = ""
    try:
        for line in process.stdout:
            printed += line
            if "code for the first account" in line:
                break
        address, code = re.search(r"(https?://\S+)/ ", printed), re.search(r"account: (\S+)", printed)
        assert address, printed
        assert code, printed
        yield address[1], code[1]
    finally:
        process.terminate()
        process.communicate(timeout=60)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for loopback and its key."""
    if shutil.which("openssl") is None:
        pytest.fail("openssl is not installed: apt-get install -y openssl")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    make = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1"
    subprocess.run(["openssl", *make.split(), "-keyout", str(key), "-out", str(cert)], check=True, capture_output=True)
    return cert, key


def test_the_command_serves_a_run_over_tls(run_folder: Path, tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    record = ["--db", f"sqlite:///{tmp_path / 'r.sqlite'}", "--key", str(tmp_path / "key")]
    tls = ["--tls-cert", str(certificate[0]), "--tls-key", str(certificate[1])]
    with started(str(run_folder), *record, *tls) as (address, code):
        trusted = ssl.create_default_context(cafile=str(certificate[0]))
        with httpx.Client(base_url=address, verify=trusted, timeout=60, trust_env=False) as client:
            form = {"name": "ada", "password": "correct horse battery"}
            assert client.post("/setup", data={**form, "code": code}).headers["location"] == "/login"
            answer = client.post("/login", data=form)
            assert answer.headers["set-cookie"].startswith("__Host-session=")
            assert "; Secure" in answer.headers["set-cookie"]
            assert answer.headers["strict-transport-security"]
            page = client.get("/", follow_redirects=True)
            assert "D1-001" in page.text
    with started_again(str(run_folder), *record) as printed:
        assert "found: 5 charts" in printed
        assert "code for the first account" not in printed


@contextmanager
def started_again(*words: str) -> Iterator[str]:
    """The command once there are accounts: what it prints until it listens."""
    command = [sys.executable, "-m", "extractor", "review", *words, "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert process.stdout is not None
    try:
        yield "".join(process.stdout.readline() for _ in range(2))
    finally:
        process.terminate()
        process.communicate(timeout=60)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--host", "0.0.0.0"], "notes would cross the network unencrypted"),
        (["--trial", "hf-dapagliflozin"], "the run judged rp-low-dose-il2, --trial is hf-dapagliflozin"),
        (["--questions", "nowhere.yaml"], "nowhere.yaml: no such file"),
        (["--tls-cert", "nowhere.pem"], "belong together"),
    ],
)
def test_the_command_refuses_in_words(
    run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    with pytest.raises(SystemExit) as done:
        main(["review", str(run_folder), "--db", f"sqlite:///{tmp_path / 'r.sqlite'}", "--key", str(tmp_path / "key"), *words])
    assert done.value.code == 2
    assert says in capsys.readouterr().err


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["review", str(tmp_path)])
    assert "no run.json here" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
