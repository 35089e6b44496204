"""What one request is to be, before it is bytes, and what a redirect makes of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reli.http.body import NO_BODY
from reli.http.redirects import next_method, next_url, without_body, without_secrets
from reli.http.url import parse_url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reli.http.body import EncodedBody
    from reli.http.response import Response


@dataclass(frozen=True, slots=True)
class Plan:
    """A request: ``url`` is a path below the host, or a whole URL."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: EncodedBody

    def redirected(self, response: Response) -> Plan:
        """The request that a redirect asks for; raises ``BadRedirectError``.

        Credentials do not go to another origin.
        """
        url = next_url(response.url, response.headers.get("location"))
        method = next_method(self.method, response.status_code)
        headers, body = self.headers, self.body
        if method != self.method:
            headers, body = without_body(headers), NO_BODY
        if parse_url(url).origin != parse_url(response.url).origin:
            headers = without_secrets(headers)
        return replace(self, method=method, url=url, headers=headers, body=body)
