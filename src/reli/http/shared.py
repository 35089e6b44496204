"""What all users of one class have in common: set up once, and TLS only when it is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli.http.request import RequestBook
from reli.http.tls import make_context
from reli.http.url import parse_url

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping
    from pathlib import Path

    from reli.http.settings import Settings


class Shared:
    """The requests, settings and TLS context of a class of users and its host.

    Raises ``ValueError`` when the host is no URL, a default header cannot be sent, or the CA bundle
    cannot be read.
    """

    def __init__(  # noqa: PLR0913 -- a class's attributes, by keyword
        self,
        host: str,
        settings: Settings,
        *,
        default_headers: Mapping[str, str],
        insecure: bool = False,
        ca_bundle: str | Path | None = None,
        keep_cookies: bool = True,
    ) -> None:
        self.host = host
        self.settings = settings
        self.book = RequestBook(host, default_headers)
        self.keep_cookies = keep_cookies
        self._insecure = insecure
        self._ca_bundle = ca_bundle
        self._context: ssl.SSLContext | None = None
        if parse_url(host).origin.scheme == "https":
            self.tls_context()  # a bundle that cannot be read is told before the first request

    def tls_context(self) -> ssl.SSLContext:
        """The one context; raises ``ValueError`` when the CA bundle cannot be read."""
        if self._context is None:
            self._context = make_context(insecure=self._insecure, ca_bundle=self._ca_bundle)
        return self._context
