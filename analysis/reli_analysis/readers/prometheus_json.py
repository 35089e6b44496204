"""The answer of Prometheus to a range query (``/api/v1/query_range``), as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from reli_analysis.errors import InputError
from reli_analysis.readers.base import READERS, Guide
from reli_analysis.readers.prometheus import Line, run_of

if TYPE_CHECKING:
    from pathlib import Path

    from reli_analysis.series import Run

_MOST_BYTES = 200_000_000
_RANGE = (
    "ask for a range: /api/v1/query_range?query=...&start=...&end=...&step=..., "
    "which answers with a matrix"
)


class PrometheusJson:
    """Recognised by the keys that every answer of Prometheus begins with."""

    def recognises(self, path: Path, head: bytes) -> bool:
        del path
        beginning = head[:500].lstrip()
        return (
            beginning.startswith(b"{")
            and b'"status"' in beginning
            and (b'"resultType"' in head[:2000] or b'"errorType"' in head[:2000])
        )

    def read(self, path: Path, guide: Guide) -> Run:
        del guide
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(f"{path} is larger than {_MOST_BYTES:,} bytes; ask for a longer step")
        try:
            answer = json.loads(path.read_bytes())
        except (ValueError, RecursionError) as error:
            reason = " ".join(str(error).split())[:120]
            raise InputError(f"{path} is not whole JSON: {reason}") from None
        return run_of(path, [_line(entry) for entry in _matrix(path, answer)])


def _matrix(path: Path, answer: Any) -> list[Any]:
    if answer.get("status") != "success":
        told = str(answer.get("error", "it is no success"))[:120]
        raise InputError(f"{path} is an answer without data: {told}")
    data = answer.get("data")
    if not isinstance(data, dict) or data.get("resultType") != "matrix":
        kind = data.get("resultType") if isinstance(data, dict) else None
        raise InputError(f'{path} is a query of type "{str(kind)[:20]}"; {_RANGE}')
    result = data.get("result")
    return result if isinstance(result, list) else []


def _line(entry: Any) -> Line:
    """One series; whatever of it is not as Prometheus writes it counts as missing."""
    labels = entry.get("metric") if isinstance(entry, dict) else None
    values = entry.get("values") if isinstance(entry, dict) else None
    pairs = [
        (_number(pair[0]), _number(pair[1]))
        for pair in (values if isinstance(values, list) else [])
        if isinstance(pair, list) and len(pair) == 2
    ]
    moments, numbers = zip(*pairs, strict=True) if pairs else ((), ())
    named = labels if isinstance(labels, dict) else {}
    return Line(
        {str(key): str(value) for key, value in named.items()},
        np.array(moments, np.float64),
        np.array(numbers, np.float64),
    )


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return np.nan


READERS.register("prometheus json", PrometheusJson())
