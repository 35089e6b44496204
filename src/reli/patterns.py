"""What many texts have in common: ``GET /users/8123/orders`` is one of ``GET /users/*/orders``."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SEPARATORS = re.compile(r"([/\s?&=,;:|'\"()\[\]<>{}]+)")

_VARIABLE = re.compile(
    r"""
      [0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}     # a UUID
    | [^@]+@[^@]+\.\w+                                # an address of mail
    | 0x[0-9a-f]+                                     # an address in memory
    | (?<![0-9a-z])(?=[a-f]*[0-9])[0-9a-f]{8,}(?![0-9a-z])    # a hash
    | (?<![\w+-])(?=[\w+-]*[0-9])(?=[\w+-]*[a-z])[\w+-]{20,}  # a token in base64
    | [0-9]+(?:\.[0-9]+)*                             # a number
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)

_LONGEST = 200
"""Of longer texts only the beginning is compared: the search above takes a square of the length."""

_MOST = 0.5
_SOME = 0.1


@dataclass(frozen=True)
class Family:
    """The largest group of texts that differ only where ``pattern`` has a ``*``."""

    pattern: str
    size: int


def largest_family(texts: Iterable[str]) -> Family | None:
    """The pattern that most of the texts share; ``None`` when fewer than a tenth share any.

    Parts that look made up for one call (numbers, hashes, UUIDs, tokens, addresses) are variable.
    When that unites fewer than half of the texts, one word of each may be anything, so that
    ``/search/apple`` and ``/search/pear`` are found too. A part in which all agree stays as it
    is: ``/v2/users/*``. Costs a few microseconds a text, so it is not for every request.
    """
    split = [tuple(_SEPARATORS.split(text[:_LONGEST])) for text in texts]
    if not split:
        return None
    general = [tuple(_VARIABLE.sub("*", word) for word in words) for words in split]
    (key, size), *_ = Counter(general).most_common(1)
    members = [words for words, own in zip(split, general, strict=True) if own == key]
    if size < _MOST * len(split):
        loose, loose_size = _with_one_free_word(general)
        if loose_size > size:
            key, size = loose, loose_size
            chosen = zip(split, general, strict=True)
            members = [words for words, own in chosen if _covers(key, own)]
    if size < max(2, _SOME * len(split)):
        return None
    return Family(_spelled(key, members), size)


def _with_one_free_word(general: Sequence[tuple[str, ...]]) -> tuple[tuple[str, ...], int]:
    """The most frequent key in which one word, at any one place, may be anything."""
    sizes = Counter(
        (*words[:at], "*", *words[at + 1 :])
        for words in general
        for at in range(0, len(words), 2)  # separators lie between the words
        if words[at] and len(words) > 1
    )
    return sizes.most_common(1)[0] if sizes else ((), 0)


def _covers(key: tuple[str, ...], words: tuple[str, ...]) -> bool:
    return len(key) == len(words) and all(
        own in ("*", word) for own, word in zip(key, words, strict=True)
    )


def _spelled(key: tuple[str, ...], members: Sequence[tuple[str, ...]]) -> str:
    """The key as text; where all members have the same word, that word."""
    columns = zip(key, *members, strict=True)
    return "".join(own[0] if len(set(own)) == 1 else word for word, *own in columns)
