"""What a reviewer can run into, each with the page's status and one plain message. No message quotes a note."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from extractor.errors import ExtractorError


class ReviewFault(ExtractorError):
    """A request that is not carried out. `status` is the page's HTTP status."""

    status = 400
    title = "This could not be done"


class NotFound(ReviewFault):
    """No such page, chart or study, or none that this account may see."""

    status = 404
    title = "There is no such page"


class NotAllowed(ReviewFault):
    """The account lacks the role, or the chart is somebody else's."""

    status = 403
    title = "This is not open to your account"


class BadInput(ReviewFault):
    """A form whose content cannot be taken as it is."""

    status = 422
    title = "Please check what you entered"


class WhyMissing(BadInput):
    """A change without its reason."""

    title = "Please say why"


class Failed(ReviewFault):
    """An error that nobody foresaw; its message names the entry of the program's log."""

    status = 500
    title = "The server failed"


@dataclass(frozen=True)
class Standing:
    """What stands on one key of a sheet: value, its version, who wrote it and when."""

    value: Mapping[str, Any] | None
    version: int
    account: str
    at: str


class Conflict(ReviewFault):
    """Somebody wrote first: `standing` is what they wrote."""

    status = 409
    title = "Somebody decided this while you were working"

    def __init__(self, standing: Standing) -> None:
        super().__init__("another decision was recorded after this page was opened; yours has not replaced it")
        self.standing = standing
