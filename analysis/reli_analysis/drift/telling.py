"""How the answer about drift is told: one sentence, and evidence that the report draws."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from reli_analysis.drift.answer import Answer, Drift
from reli_analysis.drift.causes import because
from reli_analysis.intervals import LEVEL
from reli_analysis.units import format_duration, format_value

if TYPE_CHECKING:
    from reli_analysis.drift.beside import Prepared
    from reli_analysis.drift.model import ChangePoint
    from reli_analysis.drift.quantity import Quantity
    from reli_analysis.series import Run

_DRAWN = 100
_NOTHING = 1e-9


@dataclass(frozen=True)
class Told:
    """All that a finding about drift rests on; ``host`` says when the host became busier."""

    found: Quantity
    ready: Prepared
    says: Answer
    run: Run
    host: str = ""


def message(told: Told) -> str:
    """One sentence: the answer, the numbers, what was near, and what it rests on."""
    says, name = told.says, told.found.name
    match says.drift:
        case Drift.DRIFT:
            main = _drift(told)
        case Drift.NONE:
            main = f"{name} does not drift by {_value(told, says.threshold)} or more"
            main += f": {_interval(told)} over {format_duration(says.length_s)}"
        case Drift.UNKNOWN:
            main = f"whether {name} drifts by {_value(told, says.threshold)} cannot be told: "
            main += f"{says.why}; {_interval(told)} over {format_duration(says.length_s)}"
    parts = [main, *_besides(told)]
    return f"{'; '.join(parts)} ({told.found.basis})"


def _value(told: Told, value: float) -> str:
    nothing = abs(value) < _NOTHING * abs(told.says.start)
    return format_value(0.0 if nothing else value, told.found.unit)


def _interval(told: Told) -> str:
    says = told.says
    low, high = _value(told, says.low), _value(told, says.high)
    return f"it changed by {_signed(told, says.change)}, 95 % interval {low} to {high},"


def _signed(told: Told, value: float) -> str:
    return ("+" if value > 0 else "") + _value(told, value)


def _drift(told: Told) -> str:
    """Steps by their moments; else so much an hour."""
    says, name = told.says, told.found.name
    steps = [c for c in says.shape.changes if c.size * says.change > 0]
    if steps and says.shape.slope is None:
        told_steps = "; then ".join(_step(told, change) for change in steps)
        return f"{name} {told_steps}"
    rate, low, high = (format_value(v, told.found.unit) for v in says.per_h)
    word = "rises" if says.change > 0 else "falls"
    slope = (
        f"{name} {word} slowly by {rate} an hour, {_signed(told, says.change)} over "
        f"{format_duration(says.length_s)} from {_value(told, says.start)} "
        f"(95 % interval {low} to {high} an hour)"
    )
    return "; ".join([slope, *(f"it {_step(told, change)}" for change in steps)])


def _step(told: Told, change: ChangePoint) -> str:
    word = "rose" if change.size > 0 else "fell"
    why = because(change, told.run)
    text = (
        f"{word} from {_value(told, change.before)} to {_value(told, change.after)} "
        f"at {clock(change.at_s)}"
    )
    return f"{text}, {why}" if why else text


def clock(elapsed_s: float) -> str:
    """Hours, minutes and seconds of the run: ``00:01:12``."""
    seconds = round(elapsed_s)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _besides(told: Told) -> list[str]:
    """What else was found: rises that passed, a rhythm, loads that were planned, a busier host."""
    says, ready = told.says, told.ready
    parts = []
    if says.drift is not Drift.DRIFT and says.shape.changes:
        steps = ", ".join(_step(told, change) for change in says.shape.changes)
        lead = "passing, it " if says.passing else "it "
        parts.append(lead + steps)
    if ready.rhythm is not None:
        kind = "a short peak" if ready.rhythm.kind == "peaks" else "a wave"
        parts.append(
            f"every {format_duration(ready.rhythm.period_s)} it makes {kind} of "
            f"{_value(told, ready.rhythm.amplitude)}, as a timer, a collector or a checkpoint does"
        )
    if ready.loads:
        parts.append(f"levels of {ready.loads} planned loads were told apart")
    if told.host:
        parts.append(told.host)
    return parts


def evidence(told: Told) -> dict[str, Any]:
    """Plain values: the answer, its interval, change points, rhythm, and levels to draw."""
    says, unit = told.says, told.found.unit
    rate, low, high = says.per_h
    proof: dict[str, Any] = {
        "answer": says.drift.value,
        "why": says.why,
        "change": says.change,
        "interval": [says.low, says.high],
        "interval_level": LEVEL,
        "start": says.start,
        "rate_per_h": rate,
        "low_per_h": low,
        "high_per_h": high,
        "threshold": says.threshold,
        "smallest_seen": max(abs(says.low), abs(says.high)),
        "needed_s": says.needed_s,
        "windows_s": [[says.start_s, says.end_s]],
        "changes": [
            {
                "at_s": c.at_s,
                "low_s": c.low_s,
                "high_s": c.high_s,
                "before": c.before,
                "after": c.after,
                "unit": unit,
                "because": because(c, told.run),
                "probability": c.probability,
            }
            for c in says.shape.changes
        ],
        "fit": _fit(told),
    }
    rhythm = told.ready.rhythm
    if rhythm is not None:
        proof["rhythm"] = {"period_s": rhythm.period_s, "amplitude": rhythm.amplitude}
    return {key: _finite(value) for key, value in proof.items()}


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, list):
        return [_finite(one) for one in value]
    return value


def _fit(told: Told) -> dict[str, Any]:
    """The levels that were judged, and the line from start to end with its band."""
    says, levels = told.says, told.ready.levels
    middle_s = levels.elapsed_s + levels.width_s / 2
    points = np.column_stack([middle_s, levels.values])[:_DRAWN].tolist()
    line = []
    if not says.shape.changes:
        for at_s in (says.reference_s, says.end_s):
            share = (at_s - says.reference_s) / max(says.length_s, 1e-9)
            ends = (says.change, says.low, says.high)
            line.append([at_s, *(says.start + share * end for end in ends)])
    return {
        "metric": told.found.name,
        "unit": told.found.unit,
        "source": "",
        "points": points,
        "line": line,
        "window_s": [says.start_s, says.end_s],
        "left_out": [],
        "began_s": says.shape.slope.begins_s if says.shape.slope else None,
    }
