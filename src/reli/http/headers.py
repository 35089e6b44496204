"""The head of an answer: found in raw bytes, and read only when somebody asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

_END = b"\r\n\r\n"


def head_end(raw: bytes | bytearray) -> int:
    """Where the head of the final answer ends, its empty line included; -1 while it is not whole.

    ``raw`` is what came since the request was sent: interim answers (1xx) are passed over.
    """
    begin = _begin(raw, 0)
    while (end := raw.find(_END, begin)) >= 0:
        if not is_interim(raw[begin : begin + 16]):
            return end + len(_END)
        begin = _begin(raw, end + len(_END))
    return -1


def final_head(raw: bytes) -> bytes:
    """The head of the final answer, from its status line to its last field."""
    end = head_end(raw) - len(_END)
    begin = _begin(raw, 0)
    while is_interim(raw[begin : begin + 16]):
        begin = _begin(raw, raw.index(_END, begin) + len(_END))
    return raw[begin:end]


def _begin(raw: bytes | bytearray, at: int) -> int:
    """Empty lines before a status line are no part of it."""
    while raw.startswith(b"\r\n", at):
        at += 2
    return at


def is_interim(status_line: bytes | bytearray) -> bool:
    """Whether a status line is that of an answer that another one follows."""
    _, _, rest = status_line.partition(b" ")
    status = rest.lstrip(b" ")[:3]
    return status.startswith(b"1") and status != b"101"


class Headers(Mapping[str, str]):
    """The fields of an answer by name, whatever the case; a repeated field is joined by commas."""

    __slots__ = ("_fields",)

    def __init__(self, head: bytes = b"") -> None:
        self._fields: dict[str, list[tuple[str, str]]] = {}
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.decode("latin-1").partition(":")
            self._fields.setdefault(name.lower(), []).append((name, value.strip(" \t")))

    def __getitem__(self, name: str) -> str:
        return ", ".join(value for _, value in self._fields[name.lower()])

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._fields

    def __iter__(self) -> Iterator[str]:
        return (values[0][0] for values in self._fields.values())

    def __len__(self) -> int:
        return len(self._fields)

    def __repr__(self) -> str:
        return f"Headers({dict(self)!r})"

    def get_all(self, name: str) -> list[str]:
        """Each value of a field by itself, as ``Set-Cookie`` needs it."""
        return [value for _, value in self._fields.get(name.lower(), [])]
