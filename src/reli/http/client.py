"""The client of one user: ``get``, ``post`` and the rest, each counted exactly once."""

from __future__ import annotations

from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

from reli.http.body import NO_BODY, encode_body
from reli.http.cookies import CookieStore, find_set_cookie
from reli.http.errors import BadRedirectError, BadStatusError, HttpError, TooManyRedirectsError
from reli.http.fields import NO_FIELDS, basic_auth
from reli.http.plan import Plan
from reli.http.redirects import REDIRECTS
from reli.http.reporting import Reporter
from reli.http.response import CaughtResponse, Response
from reli.http.transport import Transport
from reli.http.url import add_params

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from locust.env import Environment

    from reli.http.body import Body
    from reli.http.request import Target
    from reli.http.settings import Settings
    from reli.http.shared import Shared
    from reli.http.url import Params


_SMALL_BYTES = 4096  # of an answer that is worth keeping to compare the next one with


class HttpClient:
    """Asks one host for answers, in the manner of Locust's ``FastHttpSession``.

    A request that fails does not raise: its response has the status 0 and the ``error``. What does
    raise is a request that cannot be meant: ``ValueError`` for a URL, a header or a timeout that
    makes no sense, ``TypeError`` for a body that is none.
    """

    def __init__(
        self, environment: Environment, shared: Shared, user_context: Callable[[], dict[str, Any]]
    ) -> None:
        self.waited = False
        """Whether a request has let others run since somebody set this to false."""
        self.cookies = CookieStore()
        self._cookies_kept = self.cookies.kept
        self._keep_cookies = shared.keep_cookies
        self._without_cookies = b""
        self._book = shared.book
        self._gets = shared.book.gets
        self._settings = shared.settings
        self._transport = Transport(shared.tls_context)
        self._roundtrip = self._transport.roundtrip
        self._report = Reporter(environment, user_context).report

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def get(self, url: str, **options: Any) -> Response:
        """GET; for the options see ``request``."""
        if not options and not self._cookies_kept:
            target = self._gets.get(url)
            if target is not None:
                began = perf_counter()
                response = self._ask(target, target.plain, self._settings, began, Response)
                self._report(url, response, response.error, "GET")
                return response
        return self.request("GET", url, **options)

    def head(self, url: str, **options: Any) -> Response:
        """HEAD; for the options see ``request``."""
        return self.request("HEAD", url, **options)

    def options(self, url: str, **options: Any) -> Response:
        """OPTIONS; for the options see ``request``."""
        return self.request("OPTIONS", url, **options)

    def delete(self, url: str, **options: Any) -> Response:
        """DELETE; for the options see ``request``."""
        return self.request("DELETE", url, **options)

    def post(self, url: str, data: Body = None, json: Any = None, **options: Any) -> Response:
        """POST; for the options see ``request``."""
        return self.request("POST", url, data=data, json=json, **options)

    def put(self, url: str, data: Body = None, json: Any = None, **options: Any) -> Response:
        """PUT; for the options see ``request``."""
        return self.request("PUT", url, data=data, json=json, **options)

    def patch(self, url: str, data: Body = None, json: Any = None, **options: Any) -> Response:
        """PATCH; for the options see ``request``."""
        return self.request("PATCH", url, data=data, json=json, **options)

    def request(  # noqa: PLR0913 -- the options of a request, by keyword
        self,
        method: str,
        url: str,
        *,
        name: str | None = None,
        data: Body = None,
        json: Any = None,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        allow_redirects: bool = False,
        catch_response: bool = False,
        context: Mapping[str, Any] | None = None,
        **timeouts: float,
    ) -> Response:
        """Send a request, wait for the answer and count both as one request of Locust's.

        Args:
            method: sent as it is written.
            url: a path below the host, or a whole URL.
            name: what it is counted under, instead of ``url``.
            data: the body: bytes, a text, a mapping (a form) or an iterable of bytes (chunks).
            json: a body to be written as JSON, when there is no ``data``.
            params: a mapping, pairs or a text to add to the query.
            headers: added to the class's, or instead of them.
            auth: user and password of basic authentication.
            allow_redirects: follow redirects, all counted as one request.
            catch_response: count the request at the end of the with-block, as the block decides.
            context: handed to listeners of the ``request`` event, beside the user's own.
            timeouts: ``connect_timeout_s``, ``first_byte_timeout_s``, ``answer_timeout_s`` of this
                request.
        """
        began = perf_counter()
        settings = self._settings.waiting(**timeouts) if timeouts else self._settings
        if auth:
            headers = {**(headers or {}), "Authorization": basic_auth(*auth)}
        where = add_params(url, params) if params else url
        plan = Plan(method, where, headers or {}, encode_body(data, json))
        kind = CaughtResponse if catch_response else Response
        response = self._perform(plan, settings, began, kind)
        if allow_redirects and response.status_code in REDIRECTS:
            response = self._follow(plan, response, settings, began, kind)
        name = name or url
        if isinstance(response, CaughtResponse):
            response.hold(partial(self._report, name, method=method, context=context))
        else:
            self._report(name, response, response.error, method, context)
        return response

    def _perform(
        self, plan: Plan, settings: Settings, began: float, kind: type[Response]
    ) -> Response:
        """One request and its answer, without redirects."""
        target = self._book.target(plan.method, plan.url)
        fields = self._book.fields(plan.headers)
        cookie = self.cookies.header(target.origin, target.path) if self._cookies_kept else ""
        if fields is NO_FIELDS and plan.body is NO_BODY and not cookie:
            payload = target.plain
        else:
            payload = self._book.assemble(target, fields, plan.body, cookie)
        return self._ask(target, payload, settings, began, kind, fields.closes)

    def _follow(
        self, plan: Plan, response: Response, settings: Settings, began: float, kind: type[Response]
    ) -> Response:
        """Follow redirects to their end, within the time of the one request."""
        for _ in range(settings.max_redirects):
            try:
                plan = plan.redirected(response)
            except BadRedirectError as error:
                response.error = error
                return response
            response = self._perform(plan, settings, began, kind)
            if response.status_code not in REDIRECTS:
                return response
        response.error = TooManyRedirectsError(f"more than {settings.max_redirects}")
        return response

    def _ask(  # noqa: PLR0913, PLR0917 -- each request passes here: no object to carry them
        self,
        target: Target,
        payload: bytes,
        settings: Settings,
        began: float,
        kind: type[Response],
        closes: bool = False,
    ) -> Response:
        """Get an answer; what goes wrong is in the response."""
        error: HttpError | None = None
        try:
            answer = self._roundtrip(target, payload, settings, began, closes)
        except HttpError as failed:
            response, error = kind(target, None), failed
        else:
            self.waited = True
            response = kind(target, answer, settings.max_decoded_bytes)
            if answer.status >= 400:
                error = BadStatusError(answer.status)
            # Answers of one second are often the same bytes: those have been looked through.
            if answer.raw != self._without_cookies:
                self._take_cookies(answer.raw, target)
        response.error = error
        response.elapsed_s = perf_counter() - began
        return response

    def _take_cookies(self, raw: bytes, target: Target) -> None:
        if not find_set_cookie(raw):
            self._without_cookies = raw if len(raw) <= _SMALL_BYTES else b""
        elif self._keep_cookies:
            self.cookies.take(raw, target.origin, target.path)
