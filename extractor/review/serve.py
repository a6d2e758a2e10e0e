"""An address in, a running server out; refused where note text would cross a network unprotected."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from extractor.errors import RunError
from extractor.review.accounts import has_accounts
from extractor.review.app import create_app
from extractor.review.database import Database
from extractor.review.security import hosts_of, is_loopback
from extractor.review.site import Site


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server listens, and by what names and certificate."""

    host: str
    port: int
    names: tuple[str, ...] = ()
    tls_cert: Path | None = None
    tls_key: Path | None = None

    @property
    def is_tls(self) -> bool:
        """Whether a certificate and its key are given."""
        return self.tls_cert is not None and self.tls_key is not None


def check_address(database: Database, address: Address) -> None:
    """Raises `RunError` on another address than loopback without TLS, or before there is an account."""
    if (address.tls_cert is None) != (address.tls_key is None):
        raise RunError("--tls-cert and --tls-key belong together")
    missing = [path for path in (address.tls_cert, address.tls_key) if path is not None and not path.is_file()]
    if missing:
        raise RunError("\n".join(f"{path}: no such file" for path in missing))
    if is_loopback(address.host):
        return
    if not address.is_tls:
        raise RunError(f"--host {address.host}: notes would cross the network unencrypted; give --tls-cert and --tls-key")
    with database.read() as connection:
        if not has_accounts(connection):
            raise RunError(f"--host {address.host}: make the first account on loopback before others can reach the page")


def serve(database: Database, address: Address, *, setup_code: str, idle_minutes: int, say: Callable[[str], None]) -> None:
    """Serves until it is stopped. Logs errors by kind and place only; no request, form or note text."""
    check_address(database, address)
    site = Site(database, setup_code, is_tls=address.is_tls, idle=timedelta(minutes=idle_minutes))
    app = create_app(site, hosts=hosts_of(address.host, address.names))
    listening = listen(address)
    port = listening.getsockname()[1]
    shown = f"[{address.host}]" if ":" in address.host else address.host
    say(f"review page: {'https' if address.is_tls else 'http'}://{shown}:{port}/   (stop with Ctrl-C)")
    with database.read() as connection:
        if not has_accounts(connection):
            say(f"code for the first account: {setup_code}")
    logging.basicConfig(level=logging.WARNING, format="prescreen: %(message)s")
    uvicorn.Server(config_of(app, address)).run(sockets=[listening])


def config_of(app: ASGIApp, address: Address) -> uvicorn.Config:
    """The server's settings: no access log, no header that names it, and no trust in headers of a proxy."""
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="off",
        ssl_certfile=str(address.tls_cert) if address.tls_cert else None,
        ssl_keyfile=str(address.tls_key) if address.tls_key else None,
    )


def listen(address: Address) -> socket.socket:
    """A bound socket; raises `RunError` when the address is taken or is not of this machine.

    The protocol is named, since asyncio sends small packets at once only on sockets that name it: 40 ms a page.
    """
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((address.host, address.port))
        listening.listen()
    except OSError as error:
        raise RunError(f"{address.host}:{address.port}: cannot listen there: {error.strerror}; choose another --port") from None
    return listening
