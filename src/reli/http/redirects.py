"""What a redirect asks for, by the rules of RFC 9110, section 15.4."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin

from reli.http.errors import BadRedirectError
from reli.http.url import is_absolute, parse_url

if TYPE_CHECKING:
    from collections.abc import Mapping

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SECRETS = {"authorization", "cookie", "proxy-authorization"}


def next_url(url: str, location: str | None) -> str:
    """Where a redirect from ``url`` leads; raises ``BadRedirectError`` when that is nowhere."""
    if not location:
        raise BadRedirectError("no Location")
    try:
        # Headers are read as Latin-1; a Location that is not ASCII is most likely UTF-8.
        place = location.encode("latin-1").decode("utf-8", errors="replace")
        found = str(parse_url(place if is_absolute(place) else urljoin(url, place)))
    except ValueError:
        raise BadRedirectError("Location is no URL") from None
    return found


def next_method(method: str, status: int) -> str:
    """The method after a redirect: a POST becomes a GET unless the status keeps it."""
    if status == 303 and method != "HEAD":
        return "GET"
    return "GET" if status in (301, 302) and method == "POST" else method


def without_secrets(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers that may go to another origin: credentials and a ``Host`` of one's own may not."""
    return {
        name: value
        for name, value in headers.items()
        if name.lower() not in _SECRETS and name.lower() != "host"
    }


def without_body(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers without those that described a body that is not sent again."""
    return {name: value for name, value in headers.items() if name.lower() != "content-type"}
