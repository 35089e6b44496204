"""Serves the Reliability page of a run of any length: ``python -m support.live_page PORT INTERVALS``.

In a process of its own, because it imports Locust.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from flask import Flask
from gevent.pywsgi import WSGIServer

from reli.live.happenings import Event
from reli.live.run import RESULT_COLUMNS, LiveRun, Subject
from reli.wiring.tab import Tab
from support.live_records import resource_rows, results_row, run_info


def scripted_run(intervals: int) -> LiveRun:
    """The run that ``support.live_records`` scripts, as Locust's process would have it."""
    run = LiveRun(run_info(planned_s=float(intervals)))
    for index in range(intervals):
        row = results_row(index)
        values = {name: row[name] for name in RESULT_COLUMNS if name in row}
        run.take_row(index, values, row["stage"], row["window"])
        for reading in resource_rows(index):
            if reading["kind"] == "tree":
                subject = Subject(*(reading[name] for name in Subject._fields))
                numbers = ("rss_bytes", "fds", "cpu_cores", "threads")
                run.take_reading(index, subject, {name: reading[name] for name in numbers})
    at_s = intervals * 0.7
    run.take_event(Event(at_s, "restart", "name:redis-server", "pid 7 ended (SIGKILL)"))
    return run


def main(port: int, intervals: int) -> None:
    app = Flask("page")
    web_ui = SimpleNamespace(app=app, auth_required_if_enabled=lambda view: view, template_args={})
    tab = Tab(cast("Any", web_ui), "")
    tab.show(scripted_run(intervals), Path("nowhere"))
    WSGIServer(("127.0.0.1", port), app, log=None).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
