"""Regular expressions that cannot hang the sampler, whatever text they meet.

Python's own engine goes back and forth for ever on some patterns and texts (``(a+)+$``), and the
texts are those of any user of the host, or of any page. RE2 takes time in proportion to the text; it
knows neither look-around nor back-references.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reli_analysis.errors import InputError


@dataclass(frozen=True)
class Pattern:
    """A compiled expression and its text."""

    text: str
    _compiled: Any

    def is_in(self, searched: str) -> bool:
        """Whether any part of a text matches."""
        return self._compiled.search(_bytes(searched)) is not None

    def fits(self, whole: str) -> bool:
        """Whether the whole of a text matches."""
        return self._compiled.fullmatch(_bytes(whole)) is not None


def pattern(text: str) -> Pattern:
    """Compile; raises ``InputError`` that says what is wrong, without naming the text."""
    import re2  # noqa: PLC0415 -- every load process imports the sources, and few have patterns

    options = re2.Options()
    options.log_errors = False
    try:
        return Pattern(text, re2.compile(_bytes(text), options))
    except re2.error as error:
        (said,) = error.args or ("",)
        why = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        raise InputError(why) from None


def _bytes(text: str) -> bytes:
    """As the kernel had it: what was no UTF-8 goes back to the bytes that it was."""
    return text.encode("utf-8", "surrogateescape")
