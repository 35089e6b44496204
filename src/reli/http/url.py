"""URLs as a client needs them: where to connect, and what to ask for there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Params = Mapping[str, object] | Sequence[tuple[str, object]] | str

PORTS = {"http": 80, "https": 443}
_ABSOLUTE = re.compile(r"https?://", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# What may stand in a path or query as it is; a percent sign is taken for an escape.
_AS_IT_IS = "/?:@!$&'()*+,;=-._~%[]|"


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port: what a connection is made to."""

    scheme: str
    host: str
    port: int

    @property
    def authority(self) -> str:
        """What the ``Host`` header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}"


@dataclass(frozen=True, slots=True)
class Url:
    """A URL taken apart; ``target`` is its path and query, escaped, and ``user`` its credentials."""

    origin: Origin
    target: str
    user: tuple[str, str] | None

    def __str__(self) -> str:
        return f"{self.origin}{self.target}"


def is_absolute(url: str) -> bool:
    """Whether a URL names its host."""
    return _ABSOLUTE.match(url) is not None


def parse_url(url: str) -> Url:
    """Take an absolute URL apart; raises ``ValueError`` with a sentence when it is none."""
    if _CONTROL.search(url):
        raise ValueError(f"the URL {url!r} holds a control character; percent-encode it")
    if not is_absolute(url):
        raise ValueError(f"{url!r} is not a URL of http:// or https://")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        host = host if ":" in host else host.encode("idna").decode()
    except (ValueError, UnicodeError):
        host, port = "", None
    if not host or port == 0:
        raise ValueError(f"the URL {url!r} names no valid host and port")
    scheme = parts.scheme.lower()
    target = quote(parts.path or "/", safe=_AS_IT_IS)
    if parts.query:
        target += "?" + quote(parts.query, safe=_AS_IT_IS)
    user = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    return Url(Origin(scheme, host, port or PORTS[scheme]), target, user)


def add_params(url: str, params: Params) -> str:
    """The URL with a query added; values that are lists repeat their name."""
    query = params if isinstance(params, str) else urlencode(params, doseq=True)
    bare, mark, fragment = url.partition("#")
    separator = "&" if "?" in bare else "?"
    return f"{bare}{separator if query else ''}{query}{mark}{fragment}"
