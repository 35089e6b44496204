"""Asks an agent for what is new, in the thread that calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from reli.http.errors import (
    BadStatusError,
    ConnectionClosedError,
    ConnectTimeoutError,
    HttpError,
    TlsError,
)
from reli.http.url import Origin
from reli.sampling.agent_access import CA_VARIABLE, TOKEN_VARIABLE
from reli.sampling.agent_page import Answer, AnswerParser
from reli.sampling.fetch import MIB, Fetcher

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

    from reli.sampling.address import Address

TIMEOUT_S = 5.0
_MOST_BYTES = 8 * MIB
_MOST_ANSWERS = 6
"""What an agent keeps fits in as many; more would be an agent that never ends."""


class UnreadableError(Exception):
    """The agent cannot be read now; the text is one sentence without the token."""


class AgentReader:
    """Remembers which item it had last, so that each comes once."""

    def __init__(
        self, address: Address, token: str | None, context: ssl.SSLContext | None, timeout_s: float
    ) -> None:
        self._has_token = token is not None
        self._is_secured = context is not None
        scheme = "https" if context else "http"
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._fetcher = Fetcher(
            Origin(scheme, address.host, address.port),
            headers,
            timeout_s=timeout_s,
            most_bytes=_MOST_BYTES,
            context=context,
        )
        self._parser = AnswerParser()
        self._after: int | None = None
        self._identity = ""

    def news(self) -> Iterator[Answer]:
        """Answers until there is no more; of an agent that was not read before, only the newest.

        Raises ``UnreadableError``; the answers before it stand.
        """
        for _ in range(_MOST_ANSWERS):
            answer = self._ask()
            head = answer.head
            if head.last is not None:
                self._after = head.last
            elif self._after is None or head.identity != self._identity:
                self._after = 0
            self._identity = head.identity
            yield answer
            if head.last is None or head.last >= head.newest:
                return

    def _ask(self) -> Answer:
        asks_for = "/samples"
        if self._after is not None:
            asks_for += f"?after={self._after}&of={quote(self._identity, safe='')}"
        try:
            page = self._fetcher.get(asks_for)
            return self._parser.parse(page.content, page.asked_s, page.came_s)
        except (HttpError, ValueError) as error:
            raise UnreadableError(self._sentence(error)) from None

    def _sentence(self, error: Exception) -> str:
        if isinstance(error, BadStatusError) and error.status_code == 401:
            if self._has_token:
                return f"it refuses the token that {TOKEN_VARIABLE} holds"
            return f"it asks for a token; set {TOKEN_VARIABLE}"
        if isinstance(error, TlsError) or (
            self._is_secured and isinstance(error, ConnectTimeoutError)
        ):
            return f"no TLS session ({CA_VARIABLE} is set): {error}"
        if isinstance(error, ConnectionClosedError) and not self._is_secured:
            return f"it does not answer: {error}; if it speaks TLS, set {CA_VARIABLE}"
        return f"it does not answer: {error}"

    def interrupt(self) -> None:
        """Have another thread's question end now."""
        self._fetcher.interrupt()

    def close(self) -> None:
        self._fetcher.close()
