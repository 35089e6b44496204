"""Which event of the run a change point follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.units import format_duration

if TYPE_CHECKING:
    from reli_analysis.drift.model import ChangePoint
    from reli_analysis.series import Event, Run

_LONGEST_S = 300.0
_SHARE = 0.1
_SHORTEST_S = 30.0
"""How long after an event a change is still told as following it."""

_WORDS = {
    "restart": "the restart of {subject}",
    "fault": "the fault {subject}",
    "exit": "the end of {subject}",
    "oom": "the kill of {subject} for lack of memory",
    "vanished": "the loss of {subject}",
    "appeared": "the return of {subject}",
    "worker": "{subject} {message}",
    "shares": "the load was shared anew",
    "stage": "the stage {subject}: {message}",
    "pace": "{subject}: {message}",
    "clock": "{subject}: {message}",
    "service": "{subject}: {message}",
    "attached": "{subject} was attached",
    "gap": "{subject}: {message}",
    "disk": "{subject}: {message}",
}
"""The kinds of events that can change a level, the likeliest cause first, and how they are told."""

_LIKELIEST = list(_WORDS)


def because(change: ChangePoint, run: Run) -> str:
    """``40 s after the restart of redis``; empty when no event lies just before the change.

    A cause comes first, so the event lies before the end of the change's interval, and at most five
    minutes, or a tenth of the run, before its beginning. The likeliest kind is taken, and of it the
    event that is nearest.
    """
    reach_s = max(_SHORTEST_S, min(_LONGEST_S, _SHARE * run.duration_s))
    latest_s = max(change.high_s, change.at_s + run.interval_s)
    near = [
        event
        for event in run.events
        if event.kind in _WORDS and change.low_s - reach_s <= event.elapsed_s <= latest_s
    ]
    if not near:
        return ""
    event = min(near, key=lambda e: (_LIKELIEST.index(e.kind), abs(e.elapsed_s - change.at_s)))
    return _told(event, change)


def _told(event: Event, change: ChangePoint) -> str:
    text = _WORDS[event.kind].format(subject=event.subject, message=event.message)
    after_s = change.at_s - event.elapsed_s
    if after_s < 1.0:
        return f"at the time of {text}" if text.startswith("the ") else f"at that time {text}"
    joined = f"after {text}" if text.startswith("the ") else f"after this was told: {text}"
    return f"{format_duration(round(after_s))} {joined}"
