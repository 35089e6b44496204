"""The kinds of single values that a profile holds: how each is read and how an editor checks it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import WithJsonSchema

from reli.plan import ARRIVALS
from reli.profile.levels import Level, parse_level, parse_rate_per_s
from reli.profile.sentence import reader
from reli.recorder.disk import parse_reserve_bytes
from reli_analysis.errors import InputError
from reli_analysis.record.layout import WINDOWS
from reli_analysis.registry import nearest
from reli_analysis.units import parse_duration_s

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

OPEN = "open"
MODELS = ("closed", OPEN)
MOST_USERS = 1_000_000
_LONGEST_S = 366 * 86400.0
_SHORTEST_S = 0.001
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
_NUMBER = r"\d+(\.\d+)?"
_DURATION = rf"^({_NUMBER}|({_NUMBER} *(ms|us|µs|ns|s|m|min|h|d) *)+)$"


def _text(value: Any, what: str, longest: int) -> str:
    if not isinstance(value, str):
        raise InputError(f"must be {what}; {_quoting(value)}")
    if not value.strip():
        raise InputError(f"must be {what}, and is empty")
    if len(value) > longest:
        raise InputError(f"must be {what} of at most {longest} characters; this has {len(value)}")
    return value.strip()


def _quoting(value: Any) -> str:
    if isinstance(value, dict | list):
        return f"this is a {'mapping' if isinstance(value, dict) else 'list'}"
    return f'put "{value}" in quotes'


def _scalar(value: Any, example: str) -> str | int | float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        kind = {dict: "a mapping", list: "a list", bool: "true or false"}.get(
            type(value), "nothing"
        )
        raise InputError(f"is {kind}; write for example {example}")
    if isinstance(value, str) and len(value) > 100:
        raise InputError(f"is a text of {len(value)} characters; write for example {example}")
    return value


def _level(value: Any) -> Level:
    return parse_level(_scalar(value, "10%, 50/s or 100 users"))


def _rate(value: Any) -> float:
    return parse_rate_per_s(_scalar(value, "50/s"))


def _duration(value: Any) -> float:
    seconds = parse_duration_s(_scalar(value, "30s, 5m or 2h"))
    if seconds > _LONGEST_S:
        raise InputError(f'"{value}" is too long; a stage takes at most a year')
    return seconds


def _duration_above_0(value: Any) -> float:
    seconds = _duration(value)
    if seconds < _SHORTEST_S:
        raise InputError(f'"{value}" is too short; write at least 1ms')
    return seconds


def _sampling_interval(value: Any) -> float:
    seconds = _duration(value)
    if not 0.1 <= seconds <= 3600:
        raise InputError(f'"{value}" is out of range; sample every 0.1s to 1h')
    return seconds


def _disk_reserve(value: Any) -> float:
    return parse_reserve_bytes(str(_scalar(value, "500MB")))


def _count(lowest: int, highest: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise InputError(f'"{value}" is not a whole number; write for example {lowest + 3}')
        if not lowest <= value <= highest:
            raise InputError(f"{value} is out of range; write {lowest:,} to {highest:,}")
        return value

    return read


def _choice(what: str, known: Sequence[str]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in known:
            hint = nearest(str(value), list(known))
            raise InputError(f'"{value}" is not a {what}{hint}; known: {", ".join(known)}')
        return str(value)

    return read


def read_name(value: Any) -> str:
    """A profile's name: it becomes part of a directory's name."""
    text = _text(value, "a name", 200)
    if not _NAME.fullmatch(text):
        raise InputError(
            f'"{text}" cannot name a profile; use up to 60 letters, digits, ".", "_" and "-", '
            "beginning with a letter or a digit"
        )
    return text


def _stage_name(value: Any) -> str:
    text = _text(value, "a stage's name", 60)
    if not text.isprintable():
        raise InputError("must be a stage's name on one line, without control characters")
    return text


def _budget(value: Any) -> str:
    text = _text(value, "a budget such as p95 < 250ms", 500)
    from reli_analysis import budgets  # noqa: PLC0415 -- only a profile with budgets pays for it

    budgets.parse(text)
    return text


def _target(value: Any) -> str:
    text = _text(value, "a target such as self or name:redis-server", 2000)
    from reli.sampling import parse_target  # noqa: PLC0415 -- only a profile with targets pays for it

    parse_target(text)
    return text


def _schema(**keywords: Any) -> WithJsonSchema:
    return WithJsonSchema(keywords)


Name = Annotated[str, reader(read_name), _schema(type="string", pattern=f"^{_NAME.pattern}$")]
StageName = Annotated[str, reader(_stage_name), _schema(type="string", minLength=1, maxLength=60)]
Text = Annotated[
    str,
    reader(lambda value: _text(value, "a text", 2000)),
    _schema(type="string", minLength=1, maxLength=2000),
]
ProfileName = Annotated[
    str,
    reader(lambda value: _text(value, "a profile's name or path", 1000)),
    _schema(type="string", minLength=1),
]
LevelField = Annotated[
    Level,
    reader(_level),
    _schema(
        anyOf=[
            {"type": "string", "pattern": rf"^{_NUMBER} *(%|/s|/m|/min|/h|users?)$"},
            {"const": 0},
        ]
    ),
]
Rate = Annotated[
    float, reader(_rate), _schema(type="string", pattern=rf"^{_NUMBER} */(s|m|min|h)$")
]
Duration = Annotated[
    float,
    reader(_duration_above_0),
    _schema(type=["string", "number"], pattern=_DURATION, exclusiveMinimum=0),
]
DurationFrom0 = Annotated[
    float,
    reader(_duration),
    _schema(type=["string", "number"], pattern=_DURATION, minimum=0),
]
SamplingInterval = Annotated[
    float,
    reader(_sampling_interval),
    _schema(type=["string", "number"], pattern=_DURATION, minimum=0.1, maximum=3600),
]
DiskReserve = Annotated[
    float,
    reader(_disk_reserve),
    _schema(type="string", pattern=rf"^{_NUMBER} *([kMGT]i?)?B$"),
]
Steps = Annotated[int, reader(_count(2, 1000)), _schema(type="integer", minimum=2, maximum=1000)]
Times = Annotated[
    int, reader(_count(1, 10_000)), _schema(type="integer", minimum=1, maximum=10_000)
]
Seed = Annotated[
    int, reader(_count(0, 2**32 - 1)), _schema(type="integer", minimum=0, maximum=2**32 - 1)
]
WindowName = Annotated[
    str, reader(_choice("window", WINDOWS)), _schema(type="string", enum=list(WINDOWS))
]
ModelName = Annotated[
    str, reader(_choice("model of load", MODELS)), _schema(type="string", enum=list(MODELS))
]
ArrivalsName = Annotated[
    str, reader(_choice("kind of arrivals", ARRIVALS)), _schema(type="string", enum=list(ARRIVALS))
]
Users = Annotated[
    int, reader(_count(1, MOST_USERS)), _schema(type="integer", minimum=1, maximum=MOST_USERS)
]
Budget = Annotated[str, reader(_budget), _schema(type="string", minLength=1, maxLength=500)]
Target = Annotated[str, reader(_target), _schema(type="string", pattern=r"^(self|host|[a-z]+:.+)$")]
