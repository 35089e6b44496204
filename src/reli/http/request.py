"""The bytes of a request, made once for each kind of request and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli.http.body import NO_BODY
from reli.http.fields import NO_FIELDS, Fields, basic_auth, check_token, encode_fields
from reli.http.url import is_absolute, parse_url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reli.http.body import EncodedBody
    from reli.http.url import Origin

_MOST_KEPT = 1000
_HAS_LENGTH = {"POST", "PUT", "PATCH"}
_DEFAULTS = {"User-Agent": "reli", "Accept": "*/*"}


class Target:
    """A method and a URL, ready to send; ``plain`` is the whole request without more fields."""

    __slots__ = ("authorization", "host", "key", "line", "method", "origin", "path", "plain", "url")

    def __init__(self, method: str, full_url: str) -> None:
        url = parse_url(full_url)
        self.method = check_token(method, "method")
        self.url = str(url)
        self.origin: Origin = url.origin
        self.key = str(url.origin)
        self.path = url.target.partition("?")[0]
        self.line = f"{method} {url.target} HTTP/1.1\r\n".encode("ascii")
        self.host = f"Host: {url.origin.authority}\r\n".encode("ascii")
        self.authorization = basic_auth(*url.user) if url.user else None
        self.plain = b""


class RequestBook:
    """Makes the bytes of requests, for all users of one class; it keeps the latest, in bounds."""

    def __init__(self, base_url: str, default_headers: Mapping[str, str]) -> None:
        self._base_url = base_url.rstrip("/") if base_url.count("/") == 3 else base_url
        encode_fields(default_headers.items())  # refuses what cannot be sent
        names = {name.lower() for name in default_headers}
        ours = {name: text for name, text in _DEFAULTS.items() if name.lower() not in names}
        self._defaults = tuple({**ours, **default_headers}.items())
        self._default_user = parse_url(base_url).user
        self._default_origin = parse_url(base_url).origin
        self.gets: dict[str, Target] = {}
        """Targets of GET by the URL that the task wrote."""
        self._targets: dict[tuple[str, str], Target] = {}
        self._fields: dict[tuple[tuple[str, str], ...], Fields] = {}

    def target(self, method: str, url: str) -> Target:
        """The target of a request; raises ``ValueError`` for what is no method or URL."""
        known = self._targets.get((method, url))
        if known is not None:
            return known
        target = Target(method, url if is_absolute(url) else f"{self._base_url}{url}")
        if self._default_user and target.origin == self._default_origin:
            target.authorization = target.authorization or basic_auth(*self._default_user)
        target.plain = self.assemble(target, NO_FIELDS)
        if len(self._targets) >= _MOST_KEPT:
            self._targets.clear()
            self.gets.clear()
        self._targets[method, url] = target
        if method == "GET":
            self.gets[url] = target
        return target

    def fields(self, headers: Mapping[str, str] | None) -> Fields:
        """Header fields as bytes; raises ``ValueError`` for what would not stay one field."""
        if not headers:
            return NO_FIELDS
        key = tuple(headers.items())
        try:
            known = self._fields.get(key)
        except TypeError:  # a value that is no text
            return encode_fields(key)
        if known is None:
            known = encode_fields(key)
            if len(self._fields) >= _MOST_KEPT:
                self._fields.clear()
            self._fields[key] = known
        return known

    def assemble(
        self, target: Target, fields: Fields, body: EncodedBody = NO_BODY, cookie: str = ""
    ) -> bytes:
        """The whole request. What ``fields`` name goes before what follows from the rest."""
        more = dict(self._defaults)
        if target.authorization:
            more["Authorization"] = target.authorization
        more.update(body.fields)
        if cookie:
            more["Cookie"] = cookie
        added = "".join(
            f"{name}: {value}\r\n"
            for name, value in more.items()
            if name.lower() not in fields.names
        )
        host = b"" if "host" in fields.names else target.host
        if body.chunked:
            length = b"Transfer-Encoding: chunked\r\n"
        elif body.content or target.method in _HAS_LENGTH:
            length = b"Content-Length: %d\r\n" % len(body.content)
        else:
            length = b""
        head = (target.line, host, added.encode("latin-1"), fields.encoded, length)
        return b"".join((*head, b"\r\n", body.content))
