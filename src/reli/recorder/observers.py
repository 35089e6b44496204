"""Who is told of each interval that is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli.recorder.progress import Progress, SampleProgress
from reli_analysis.errors import RecordError

if TYPE_CHECKING:
    from collections.abc import Callable

    from reli.recorder.settings import Resume, Settings
    from reli.recorder.told import Observer
    from reli_analysis.record import RunInfo


def open_observers(
    settings: Settings, info: RunInfo, resume: Resume | None, current: Callable[[], RunInfo]
) -> tuple[list[Observer], str]:
    """Those that were asked for, and what is wrong with them in a record that goes on.

    ``current`` is what ``run.json`` says by the time of the first interval. Raises ``RecordError``
    when one cannot begin in a record that does.
    """
    try:
        return _open(settings, info, current), ""
    except RecordError as error:
        if resume is None:
            raise
        return [], str(error)


def _open(settings: Settings, info: RunInfo, current: Callable[[], RunInfo]) -> list[Observer]:
    observers: list[Observer] = []
    if settings.metrics_port is not None:
        from reli.exposition import Exposition  # noqa: PLC0415 -- few runs need its memory

        observers.append(Exposition(settings.metrics_host, settings.metrics_port, current))
    if settings.show_progress:
        shows = Progress if info.load else SampleProgress
        observers.append(shows(info.planned_s, info.interval_s))
    return observers
