"""The Reliability tab of Locust's web UI: a page of our own, and the way to it.

Locust's page is built and takes no foreign component: its own way to add a tab (``extended_tabs``)
gives one that shows tables. So the tab is made that way, and a script that is added to the page
opens ours when it is chosen. Should a later Locust be built otherwise, the tab stays empty and the
page is where it was, at ``/reliability``.
"""

from __future__ import annotations

import json
from functools import wraps
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import gevent
from flask import Blueprint, Response, abort, request

from reli.live.snapshot import snapshot
from reli_analysis.record.layout import REPORT_HTML, VERDICT_JSON

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from locust.web import WebUI

    from reli.live.run import LiveRun

KEY, TITLE = "reliability", "Reliability"

_SCRIPT = f'<script src="./{KEY}/tab.js" defer></script>'
_TYPES = {
    "page.css": "text/css",
    "page.js": "text/javascript",
    "chart.js": "text/javascript",
    "format.js": "text/javascript",
    "specs.js": "text/javascript",
    "tab.js": "text/javascript",
}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "frame-ancestors 'none'"
)
"""The page's own policy counts besides, and lets only the scripts run whose hashes it names."""
_MOST_REASONS = 6
_LONGEST_VERDICT = 8 * 2**20


class Tab:
    """Shows the newest run of this process to whoever may see Locust's own page."""

    def __init__(self, web_ui: WebUI, base_path: str) -> None:
        """``base_path`` is Locust's ``--web-base-path``."""
        self._run: LiveRun | None = None
        self._directory: Path | None = None
        self._serial = 0
        self._judged: tuple[Path, dict[str, Any]] | None = None
        app = web_ui.app
        assert app is not None
        pages = Blueprint("reli", __name__, url_prefix=base_path or None)

        def add(path: str, view: Callable[..., Response]) -> None:
            guarded = web_ui.auth_required_if_enabled(_hardened(view))
            pages.add_url_rule(f"/{KEY}{path}", view.__name__, guarded)

        add("", _page)
        add("/data", self._data)
        add("/report", self._report)
        add("/<name>", _file)
        app.register_blueprint(pages)

        @app.before_request
        def put_tab() -> None:
            # At each page, because a locustfile may set tabs of its own at any time.
            if request.endpoint == "locust.index":
                tabs = web_ui.template_args.get("extended_tabs") or []
                if all(tab.get("key") != KEY for tab in tabs):
                    ours = {"title": TITLE, "key": KEY}
                    web_ui.template_args["extended_tabs"] = [*tabs, ours]

        @app.after_request
        def put_script(response: Response) -> Response:
            if request.endpoint == "locust.index" and response.mimetype == "text/html":
                before, end, after = response.get_data(as_text=True).rpartition("</body>")
                if end:
                    response.set_data(f"{before}{_SCRIPT}{end}{after}")
            return response

    def show(self, run: LiveRun, directory: Path) -> None:
        """Show this run from now on, in place of the one before."""
        self._serial += 1
        self._run, self._directory, self._judged = run, directory, None

    def _data(self) -> Response:
        if self._run is None:
            return Response("{}", mimetype="application/json")
        pieces = snapshot(
            self._run,
            self._serial,
            request.args.get("since", ""),
            {"verdict": self._verdict()},
            recent=request.args.get("view") == "recent",
        )
        return Response(_leisurely(pieces), mimetype="application/json")

    def _verdict(self) -> dict[str, Any] | None:
        """What the analysis said of the run, once it has."""
        if self._run is None or self._directory is None or self._run.info.state == "running":
            return None
        if self._judged is None or self._judged[0] != self._directory:
            said = _read_verdict(self._directory)
            if said is None:
                return None
            self._judged = self._directory, said
        # The analysis writes the verdict first.
        return {**self._judged[1], "report": (self._directory / REPORT_HTML).exists()}

    def _report(self) -> Response:
        if self._directory is None or self._verdict() is None:
            abort(404)
        try:
            text = (self._directory / REPORT_HTML).read_bytes()
        except OSError:
            abort(404)
        answer = Response(text, mimetype="text/html")
        answer.headers["Content-Security-Policy"] = _REPORT_POLICY
        return answer


def _page() -> Response:
    return _file("page.html", "text/html")


def _file(name: str, mimetype: str = "") -> Response:
    mimetype = mimetype or _TYPES.get(name, "")
    if not mimetype:
        abort(404)
    text = (files("reli.live") / "page" / name).read_bytes()
    return Response(text, content_type=f"{mimetype}; charset=utf-8")


def _hardened(view: Callable[..., Response]) -> Callable[..., Response]:
    @wraps(view)
    def answer(**arguments: str) -> Response:
        response = view(**arguments)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return answer


def _leisurely(pieces: Iterator[str]) -> Iterator[str]:
    """Between two pieces users get their turn: a page that is opened must not be seen in p99."""
    for piece in pieces:
        yield piece
        gevent.sleep(0)


def _read_verdict(directory: Path) -> dict[str, Any] | None:
    """The verdict with what was not a PASS; ``None`` when there is none (yet)."""
    try:
        if (directory / VERDICT_JSON).stat().st_size > _LONGEST_VERDICT:
            return None
        judged = json.loads((directory / VERDICT_JSON).read_text(encoding="utf-8"))
        findings: list[Mapping[str, Any]] = judged["findings"]
        reasons = [f"{f['subject']}: {f['message']}" for f in findings if f["verdict"] != "PASS"]
        return {
            "verdict": str(judged["verdict"]),
            "reasons": [reason[:300] for reason in reasons[:_MOST_REASONS]],
        }
    except (OSError, ValueError, LookupError, TypeError):
        return None
