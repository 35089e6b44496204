"""Keeps a library's log readable while what it talks to is broken on purpose."""

from __future__ import annotations

import logging
import time

PERIOD_S = 30.0
_MOST_TEMPLATES = 1000

_log = logging.getLogger(__name__)


class LogThrottle(logging.Handler):
    """Passes on one line of each kind in ``period_s`` seconds, with how many were held back.

    Lines are of one kind when they come from one logger with one message template. It takes the
    place of the named logger's way to the root handlers, from ``install`` to ``remove``.
    """

    def __init__(self, logger_name: str, period_s: float = PERIOD_S) -> None:
        super().__init__()
        self._logger = logging.getLogger(logger_name)
        self._period_s = period_s
        self._seen: dict[tuple[str, str], tuple[float, int]] = {}

    def install(self) -> None:
        self._logger.addHandler(self)
        self._logger.propagate = False

    def remove(self) -> None:
        """Give the logger its way back, and say what was held back and not yet told."""
        self._logger.removeHandler(self)
        self._logger.propagate = True
        for (name, template), (_due, held_back) in self._seen.items():
            if held_back:
                _log.warning('%s: %d more like "%s"', name, held_back, template)
        self._seen.clear()

    def emit(self, record: logging.LogRecord) -> None:
        kind = (record.name, str(record.msg)[:200])
        now = time.monotonic()
        due, held_back = self._seen.get(kind, (now, 0))
        if now < due:
            self._seen[kind] = (due, held_back + 1)
            return
        if len(self._seen) >= _MOST_TEMPLATES:
            self._seen.clear()
        self._seen[kind] = (now + self._period_s, 0)
        note = f" ({held_back} more like it since the last)" if held_back else ""
        _log.log(record.levelno, "%s: %s%s", record.name, record.getMessage(), note)
