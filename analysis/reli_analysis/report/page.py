"""Pages: one file each, with its style and its script inside, that fetches nothing.

A page's policy (CSP) allows the very style and the very script that we ship, by their hashes, and
nothing else: no address, no other script, no ``style`` attribute.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from reli_analysis.units import format_duration, format_value
from reli_analysis.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Environment

_STYLES = ("tokens.css", "base.css", "charts.css", "runs.css", "print.css")
_SCRIPTS = ("sort.js", "moment.js")


def render_page(template: str, view: Mapping[str, Any]) -> str:
    """A template of ``report/templates`` as a whole page; ``view`` needs ``verdict`` and ``title``."""
    style, script = _joined("style", _STYLES), _joined("script", _SCRIPTS)
    page = _environment().get_template(template)
    return page.render(view, style=style, script=script, policy=_policy(style, script)).rstrip()


def embedded(value: Any) -> str:
    """A value as JSON that can stand inside a script element, whatever its strings hold."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@functools.cache
def _joined(folder: str, names: tuple[str, ...]) -> str:
    place = files("reli_analysis.report") / folder
    return "\n" + "".join((place / name).read_text(encoding="utf-8") for name in names)


@functools.cache
def _environment() -> Environment:
    import jinja2  # noqa: PLC0415 -- --help must not pay for jinja2
    from markupsafe import Markup, escape  # noqa: PLC0415 -- as above

    def visible(value: Any) -> Any:
        return one_line(value) if type(value) is str else value

    def indented(line: str) -> Markup:
        text = line.lstrip(" ")
        return escape(" " * (len(line) - len(text)) + one_line(text))

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("reli_analysis", "report/templates"),
        autoescape=True,
        finalize=visible,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    # The only texts that are not escaped: what we drew or ship, and JSON made by ``embedded``.
    environment.filters["drawn"] = Markup
    environment.filters["indented"] = indented
    environment.filters["value"] = format_value
    environment.filters["duration"] = format_duration
    return environment
