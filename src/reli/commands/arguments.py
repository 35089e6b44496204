"""Kinds of options that several commands have, each refused in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from reli_analysis.errors import InputError
from reli_analysis.units import parse_duration_s

if TYPE_CHECKING:
    from collections.abc import Callable

FINEST_S, COARSEST_S = 0.1, 3600.0
_LONGEST_S = 366 * 86400.0


class _Reads(click.ParamType[Any]):
    """An option whose text is read by a function that raises ``InputError``."""

    def __init__(self, name: str, read: Callable[[str], Any]) -> None:
        self.name = name
        self._read = read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return self._read(value)
        except InputError as error:
            self.fail(str(error), param, ctx)


def _length_s(text: str) -> float:
    seconds = parse_duration_s(text)
    if not 0 < seconds <= _LONGEST_S:
        raise InputError(f'"{text}" is no length of time to sample; write for example 10m')
    return seconds


def _interval_s(text: str) -> float:
    seconds = parse_duration_s(text)
    if not FINEST_S <= seconds <= COARSEST_S:
        raise InputError(f'"{text}" is out of range; sample every 0.1s to 1h')
    return seconds


def _reserve_bytes(text: str) -> float:
    from reli.recorder.disk import parse_reserve_bytes  # noqa: PLC0415 -- help must answer at once

    return parse_reserve_bytes(text)


LENGTH = _Reads("length", _length_s)
INTERVAL = _Reads("interval", _interval_s)
RESERVE = _Reads("reserve", _reserve_bytes)
PORT = click.IntRange(1, 65535)
