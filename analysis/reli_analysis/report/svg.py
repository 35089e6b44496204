"""Makes matplotlib's SVG fit to stand inside a page: small, without addresses, in its colours."""

from __future__ import annotations

import re

_PLACEHOLDER = "#0a0b{:02x}"
_NAMES = (
    "fg",
    "muted",
    "grid",
    "stage",
    "c1",
    "c2",
    "c3",
    "c4",
    "limit",
    "warm-up",
    "steady",
    "fault",
    "recovery",
    "cool-down",
    "restart",
    "exit",
    "vanished",
    "appeared",
    "gap",
    "clock",
    "breach",
)

COLORS = {name: _PLACEHOLDER.format(number) for number, name in enumerate(_NAMES)}
"""What to draw with in matplotlib; the page's style sheet says what each looks like."""

_BY_PLACEHOLDER = {placeholder: name for name, placeholder in COLORS.items()}
_ANY_PLACEHOLDER = re.compile("|".join(_BY_PLACEHOLDER))
_DROPPED = re.compile(
    r"<!--.*?-->|<metadata>.*?</metadata>|<style[^>]*>.*?</style>|\sxmlns(?::\w+)?=\"[^\"]*\""
    r"|font-family:[^;\"]*;?|\s(?:width|height)=\"[\d.]+pt\"",
    re.DOTALL,
)
_FONT = re.compile(r"font: ([\d.]+)px [^;\"]*")
_PATH = re.compile(r"\sd=\"[^\"]*\"")
_DECIMALS = re.compile(r"(\.\d)\d+")
_REFERENCE = re.compile(r"(\sid=\"|url\(#|\shref=\"#)")


def tidy(svg: str, prefix: str) -> str:
    """One ``<svg>`` element; ``prefix`` keeps its ids apart from those of others on the page."""
    svg = svg[svg.index("<svg") :].rstrip()
    svg = _DROPPED.sub("", svg).replace("xlink:href", "href")
    svg = _FONT.sub(r"font-size: \1px", svg)
    svg = _PATH.sub(lambda match: _DECIMALS.sub(r"\1", match[0]), svg)
    svg = _REFERENCE.sub(rf"\g<1>{prefix}-", svg)
    return _ANY_PLACEHOLDER.sub(lambda match: f"var(--{_BY_PLACEHOLDER[match[0]]})", svg)
