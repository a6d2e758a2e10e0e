"""The outermost layer: which requests come in at all, what headers every answer carries, and what an error may say.

An error page and the program's log name the kind of error and where in the program it arose, never a value: an
exception's message may hold note text.
"""

from __future__ import annotations

import logging
import secrets
import traceback
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOG = logging.getLogger("prescreen.review")
MOST_BODY_BYTES = 1_000_000
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True)
class Guard:
    """Wraps the application. `hosts` are the names it answers to, without port."""

    app: ASGIApp
    hosts: tuple[str, ...]
    is_tls: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._add_headers(message)
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, guarded)
            return
        try:
            await self.app(scope, receive, guarded)
        except Exception as error:  # noqa: BLE001 - the last place where its message can be kept out of every log
            if not started:
                await failed(error)(scope, receive, guarded)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        if _name(headers.get("host", "")) not in self.hosts:
            return PlainTextResponse("This address is not served here.", status_code=421)
        if "transfer-encoding" in headers:  # browsers send forms with their length; without it there is no limit to hold to
            return PlainTextResponse("A form must say how long it is.", status_code=411)
        if int(headers.get("content-length") or 0) > MOST_BODY_BYTES:
            return PlainTextResponse("The form is too large.", status_code=413)
        if scope["method"] not in ("GET", "HEAD") and not self._is_same_origin(headers):
            return PlainTextResponse("This form was sent by another site.", status_code=403)
        return None

    def _is_same_origin(self, headers: Headers) -> bool:
        """Browsers say where a form comes from; under our referrer policy they may name no origin but say the site.

        Other clients say neither. Forms of a signed-in page carry a token besides.
        """
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site == "same-origin"
        scheme = "https" if self.is_tls else "http"
        return headers.get("origin") in (None, "null", f"{scheme}://{headers.get('host', '')}")

    def _add_headers(self, message: Message) -> None:
        headers = MutableHeaders(scope=message)
        for name, value in HEADERS.items():
            headers[name] = value
        if self.is_tls:
            headers["Strict-Transport-Security"] = "max-age=31536000"


def _name(host: str) -> str:
    """A Host header's name without its port."""
    if host.startswith("["):
        return host[: host.find("]") + 1].lower()
    return host.partition(":")[0].lower()


def note_error(error: Exception) -> str:
    """Logs kind and place of an error, and returns the reference that the page shows."""
    reference = secrets.token_hex(4)
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else "unknown place"
    own = [frame for frame in frames if "/extractor/review/" in frame.filename]
    from_place = f" from {own[-1].filename.rpartition('/')[2]}:{own[-1].lineno}" if own else ""
    LOG.error("error %s: %s at %s%s", reference, type(error).__name__, place, from_place)
    return reference


def failed(error: Exception) -> PlainTextResponse:
    """The page of an error that nobody foresaw, logged."""
    reference = note_error(error)
    return PlainTextResponse(
        f"The server failed (reference {reference}). Nothing of this request was recorded; what was recorded before stands.\n"
        "Go back in your browser: the page keeps what you typed.",
        status_code=500,
    )


def hosts_of(host: str, names: Iterable[str]) -> tuple[str, ...]:
    """The names that the server answers to: loopback's on loopback, otherwise its address and the names given."""
    own = LOOPBACK if is_loopback(host) else (f"[{host}]" if ":" in host else host,)
    return tuple(dict.fromkeys([*own, *(name.lower() for name in names)]))


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    return host in ("localhost", "::1") or host.startswith("127.")
