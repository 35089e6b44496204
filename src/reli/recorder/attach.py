"""Adds a target to a record that is running; the record's directory is the channel.

``reli attach`` leaves a request in ``attach/``, one small file, made whole under another name and
then renamed; the recorder looks there once an interval, and puts its answer in the request's place.
Who may write in the directory is nobody special: what is found there is checked like any input.
"""

from __future__ import annotations

import json
import os
import stat
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from reli.sampling import parse_target
from reli.targets import MOST_TARGETS
from reli_analysis.errors import InputError, ReliError
from reli_analysis.record.run import write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

DIRECTORY = "attach"
_REQUEST = ".request"
_ANSWER = ".answer"

_MOST_A_LOOK = 20
_LONGEST_FILE = 4096
_LONGEST_TEXT = 2000
_SETTLED_NS = 1_000_000_000


def as_target(text: str) -> str:
    """A target as it is written on a command line; a bare number is a process id."""
    return f"pid:{text}" if text.isascii() and text.isdecimal() else text


def ask(record: Path, target: str) -> Path:
    """Leave a request for a target; returns where its answer will be. Raises ``OSError``."""
    directory = record / DIRECTORY
    directory.mkdir(exist_ok=True)
    name = f"{os.getpid()}-{os.urandom(4).hex()}"
    write_atomically(directory / f"{name}{_REQUEST}", json.dumps({"target": target}))
    return directory / f"{name}{_ANSWER}"


def take_answer(path: Path) -> str | None:
    """Why a request was refused, ``""`` when it was met, ``None`` while there is no answer."""
    try:
        refused = json.loads(path.read_text(encoding="utf-8"))["refused"]
    except OSError:
        return None
    except (ValueError, KeyError, TypeError):
        refused = "its answer cannot be read"
    path.unlink(missing_ok=True)
    return str(refused)


class Requests:
    """The recorder's side: finds requests, has each added, and answers it."""

    def __init__(self, record: Path, add: Callable[[str], None]) -> None:
        """``add`` takes a target's text, and raises ``ReliError`` when it cannot be sampled."""
        self._directory = record / DIRECTORY
        self._add = add
        self._seen_ns = 0

    def look(self, known: Sequence[str]) -> list[str]:
        """The targets that were added beside the known ones. Costs one ``stat`` where nobody asks."""
        try:
            changed_ns = self._directory.stat().st_mtime_ns
            if changed_ns == self._seen_ns:
                return []
            names = sorted(path.name for path in self._directory.glob(f"*{_REQUEST}"))
        except OSError:
            return []
        added: list[str] = []
        for name in names[:_MOST_A_LOOK]:
            refused = self._meet(self._directory / name, [*known, *added], added)
            self._answer(name, refused)
        # A directory's time has the grain of a tick: a change right after this look could share it.
        if not names and time.time_ns() - changed_ns > _SETTLED_NS:
            self._seen_ns = changed_ns
        return added

    def _meet(self, path: Path, known: Sequence[str], added: list[str]) -> str:
        """Add what a request asks for; returns why it was refused, or ``""``."""
        try:
            target = _read_request(path)
            if target in known:
                raise InputError(f'target "{target}" is sampled already')
            if len(known) >= MOST_TARGETS:
                raise InputError(f"the record has {MOST_TARGETS} targets, as many as it may have")
            parse_target(target)
            self._add(target)
        except ReliError as error:
            return str(error)
        added.append(target)
        return ""

    def _answer(self, name: str, refused: str) -> None:
        with suppress(OSError):
            (self._directory / name).unlink()
        with suppress(OSError):
            answer = self._directory / f"{name.removesuffix(_REQUEST)}{_ANSWER}"
            write_atomically(answer, json.dumps({"refused": refused}))

    def close(self) -> None:
        """Remove what nobody will read any more."""
        with suppress(OSError):
            for path in (
                *self._directory.glob(f"*{_REQUEST}"),
                *self._directory.glob(f"*{_ANSWER}"),
            ):
                path.unlink()
            self._directory.rmdir()


def _read_request(path: Path) -> str:
    """The target's text; raises ``InputError`` for anything but a small regular file of ours."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise InputError("the request is no regular file")
            raw = os.read(descriptor, _LONGEST_FILE + 1)
        finally:
            os.close(descriptor)
        data: Any = json.loads(raw) if len(raw) <= _LONGEST_FILE else None
        target = data["target"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise InputError("the request cannot be read") from None
    if not isinstance(target, str) or not target.isprintable() or len(target) > _LONGEST_TEXT:
        raise InputError("the request names no target")
    return target
