"""Text from outside made fit to be shown: names in a record are never trusted."""

from __future__ import annotations

import re

# Control characters, line and paragraph separators, marks that turn the direction of writing
# round or have no width, and halves of characters (names of files that are not UTF-8).
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+"
)
_ESCAPE_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])")


def one_line(text: str) -> str:
    """The text as one line of visible characters."""
    return _INVISIBLE.sub(" ", _ESCAPE_SEQUENCE.sub("", text)).strip()


def shorten(text: str, longest: int) -> str:
    """At most ``longest`` characters, the cut marked by three dots."""
    return text if len(text) <= longest else text[: max(0, longest - 3)] + "..."
