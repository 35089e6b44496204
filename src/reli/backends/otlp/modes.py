"""How the collector treats a request: modes as people write them ("slow:3s", "flaky:20%").

    ok                          stores the spans and answers 200
    slow:DELAY                  waits first; a client that has gone by then is not stored
    hang                        reads the request and never answers
    down                        refuses connections: the port is closed
    status:CODE[:RETRY_AFTER]   stores nothing and answers CODE, such as 503 or 429:60s
    flaky:RATIO[:CODE[:SEED]]   answers CODE (503) to that part of the requests
    reset[:RATIO[:SEED]]        stores nothing and resets the connection
    unanswered[:RATIO[:SEED]]   stores the spans and closes without an answer
    drop[:RATIO[:SEED]]         stores the spans and closes in the middle of the answer

Those with a RATIO treat the other requests as ``ok`` does. Which requests are hit depends on SEED
(1) and on the order of requests alone.
"""

from __future__ import annotations

import enum
import random
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from reli_analysis.errors import InputError, ReliError
from reli_analysis.registry import Registry
from reli_analysis.units import parse_duration_s, parse_quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LONGEST_WAIT_S = 86_400.0


class Ending(enum.Enum):
    """What becomes of the connection."""

    ANSWER = enum.auto()
    HANG = enum.auto()
    RESET = enum.auto()
    CLOSE = enum.auto()
    CUT_ANSWER = enum.auto()


@dataclass(frozen=True)
class Reaction:
    """What is done with one request."""

    delay_s: float = 0.0
    store: bool = True
    ending: Ending = Ending.ANSWER
    status: HTTPStatus = HTTPStatus.OK
    retry_after_s: float | None = None


@dataclass(frozen=True)
class Mode:
    """A reaction and the part of the requests that meets it; the others meet the normal one."""

    reaction: Reaction = Reaction()
    ratio: float = 1.0
    seed: int = 1
    listening: bool = True

    def reactions(self) -> Iterator[Reaction]:
        """One reaction a request, without end."""
        chance = random.Random(self.seed)  # noqa: S311 -- faults must repeat, not be secret
        normal = Reaction()
        while True:
            yield self.reaction if chance.random() < self.ratio else normal


_modes: Registry[Callable[[list[str]], Mode]] = Registry("collector mode")


def parse_mode(text: str) -> Mode:
    """Read a mode; raises ``InputError`` with one sentence that says what would be right."""
    name, *arguments = text.strip().split(":")
    try:
        return _modes.get(name)(arguments)
    except InputError as error:
        raise InputError(f'collector mode "{text}": {error}') from None
    except ReliError as error:
        raise InputError(str(error)) from None


def _check_count(arguments: list[str], least: int, most: int, form: str) -> None:
    if not least <= len(arguments) <= most:
        raise InputError(f"write {form}")


def _ratio(text: str) -> float:
    quantity = parse_quantity(text)
    if quantity.unit not in ("", "ratio") or not 0 <= quantity.value <= 1:
        raise InputError(f'"{text}" is not a part of the requests; write for example 20%')
    return quantity.value


def _wait_s(text: str) -> float:
    seconds = parse_duration_s(text)
    if seconds > _LONGEST_WAIT_S:
        raise InputError(f'"{text}" is longer than a day')
    return seconds


def _whole(text: str, what: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and least <= int(text[:12]) <= most):
        raise InputError(f'"{text}" is not {what}: a whole number from {least} to {most}')
    return int(text)


def _status(text: str) -> HTTPStatus:
    try:
        return HTTPStatus(_whole(text, "an HTTP status", 200, 599))
    except ValueError:
        raise InputError(f'"{text}" is not an HTTP status that has a name') from None


def _seed(text: str) -> int:
    return _whole(text, "a seed", 0, 2**32)


def _ok(arguments: list[str]) -> Mode:
    _check_count(arguments, 0, 0, "ok")
    return Mode()


def _slow(arguments: list[str]) -> Mode:
    _check_count(arguments, 1, 1, "slow:DELAY, for example slow:3s")
    return Mode(Reaction(delay_s=_wait_s(arguments[0])))


def _hang(arguments: list[str]) -> Mode:
    _check_count(arguments, 0, 0, "hang")
    return Mode(Reaction(store=False, ending=Ending.HANG))


def _down(arguments: list[str]) -> Mode:
    _check_count(arguments, 0, 0, "down")
    return Mode(listening=False)


def _always_status(arguments: list[str]) -> Mode:
    _check_count(arguments, 1, 2, "status:CODE[:RETRY_AFTER], for example status:429:60s")
    retry_after_s = _wait_s(arguments[1]) if len(arguments) > 1 else None
    return Mode(
        Reaction(store=False, status=_status(arguments[0]), retry_after_s=retry_after_s),
    )


def _flaky(arguments: list[str]) -> Mode:
    _check_count(arguments, 1, 3, "flaky:RATIO[:CODE[:SEED]], for example flaky:20%:503")
    status = _status(arguments[1]) if len(arguments) > 1 else HTTPStatus.SERVICE_UNAVAILABLE
    seed = _seed(arguments[2]) if len(arguments) > 2 else 1
    return Mode(Reaction(store=False, status=status), _ratio(arguments[0]), seed)


def _cutting(name: str, reaction: Reaction) -> Callable[[list[str]], Mode]:
    def parse(arguments: list[str]) -> Mode:
        _check_count(arguments, 0, 2, f"{name}[:RATIO[:SEED]], for example {name}:20%")
        ratio = _ratio(arguments[0]) if arguments else 1.0
        return Mode(reaction, ratio, _seed(arguments[1]) if len(arguments) > 1 else 1)

    return parse


_modes.register("ok", _ok)
_modes.register("slow", _slow)
_modes.register("hang", _hang)
_modes.register("down", _down)
_modes.register("status", _always_status)
_modes.register("flaky", _flaky)
_modes.register("reset", _cutting("reset", Reaction(store=False, ending=Ending.RESET)))
_modes.register("unanswered", _cutting("unanswered", Reaction(ending=Ending.CLOSE)))
_modes.register("drop", _cutting("drop", Reaction(ending=Ending.CUT_ANSWER)))
