"""A small store of cookies, one a user: name, value, host, path, secure, expiry (RFC 6265)."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from reli.http.headers import Headers, final_head

if TYPE_CHECKING:
    from reli.http.url import Origin

find_set_cookie = re.compile(rb"\r\nset-cookie:", re.IGNORECASE).search
"""Whether raw bytes may hold a cookie: the one thing that each answer is asked."""

_MOST_COOKIES = 200
_MOST_BYTES = 4096
_SENDABLE = re.compile(r"[\x20-\x3a\x3c-\x7e\x80-\xff]*")


@dataclass(frozen=True, slots=True)
class Cookie:
    name: str
    value: str
    host: str
    subdomains: bool
    path: str
    secure: bool
    expires_s: float | None

    def fits(self, origin: Origin, path: str) -> bool:
        if self.secure and origin.scheme != "https":
            return False
        if origin.host != self.host and not (
            self.subdomains and origin.host.endswith(f".{self.host}")
        ):
            return False
        below = self.path if self.path.endswith("/") else f"{self.path}/"
        return path == self.path or path.startswith(below)


class CookieStore:
    """Keeps what ``Set-Cookie`` asks for; ``kept`` holds it, and is empty till then.

    It knows no list of public suffixes: a domain must have a dot and hold the host.
    """

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str, str], Cookie] = {}

    def clear(self) -> None:
        """Forget all, as a new visitor would."""
        self.kept.clear()

    def take(self, raw: bytes, origin: Origin, path: str) -> None:
        """Keep the cookies of an answer; those that are not well-formed are passed over."""
        for text in Headers(final_head(raw)).get_all("set-cookie"):
            cookie = _read(text, origin, path)
            if cookie is None:
                continue
            key = (cookie.host, cookie.path, cookie.name)
            self.kept.pop(key, None)
            if cookie.expires_s is not None and cookie.expires_s <= time.time():
                continue
            if len(self.kept) >= _MOST_COOKIES:
                del self.kept[next(iter(self.kept))]
            self.kept[key] = cookie

    def header(self, origin: Origin, path: str) -> str:
        """The value of ``Cookie`` for a request, longest paths first; empty when none fits."""
        now = time.time()
        for key, cookie in list(self.kept.items()):
            if cookie.expires_s is not None and cookie.expires_s <= now:
                del self.kept[key]
        fitting = [cookie for cookie in self.kept.values() if cookie.fits(origin, path)]
        fitting.sort(key=lambda cookie: -len(cookie.path))
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in fitting)


def _read(text: str, origin: Origin, path: str) -> Cookie | None:
    pair, *rest = text.split(";")
    name, equals, value = (part.strip() for part in pair.partition("="))
    if not equals or not name or len(text) > _MOST_BYTES or not _SENDABLE.fullmatch(pair):
        return None
    attributes = {}
    for item in rest:
        key, _, content = item.partition("=")
        attributes[key.strip().lower()] = content.strip()
    domain = attributes.get("domain", "").lstrip(".").lower()
    if domain and domain != origin.host and not _is_below(origin.host, domain):
        return None
    below = attributes.get("path", "")
    if not below.startswith("/"):
        below = path.rpartition("/")[0] or "/"
    secure = "secure" in attributes
    return Cookie(
        name, value, domain or origin.host, bool(domain), below, secure, _expiry(attributes)
    )


def _is_below(host: str, domain: str) -> bool:
    return "." in domain and host.endswith(f".{domain}") and not host.rpartition(".")[2].isdigit()


def _expiry(attributes: dict[str, str]) -> float | None:
    """When it ends, on ``time.time``; ``Max-Age`` goes before ``Expires``."""
    age = attributes.get("max-age", "")
    if re.fullmatch(r"-?\d{1,12}", age, re.ASCII):
        return time.time() + int(age)
    try:
        return parsedate_to_datetime(attributes["expires"]).timestamp()
    except (KeyError, ValueError, OverflowError):
        return None
