"""Registers reli with Locust, from a locustfile."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Any

import gevent
import psutil
from locust.runners import MasterRunner, WorkerRunner

from reli.wiring.coordinator import Coordinator
from reli.wiring.gate import hold_back_users
from reli.wiring.load import LoadProcess
from reli.wiring.options import Options, add_options
from reli.wiring.setup import prepare
from reli.wiring.shape import PlanShape
from reli_analysis.errors import ReliError
from reli_analysis.verdict import EXIT_USAGE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from locust.env import Environment
    from locust.event import Events

    from reli.service import Service
    from reli.wiring.tab import Tab

_FINISH_S = 2.0

DEFAULT_BUDGETS = ("error_ratio < 1%",)


def _end_forked_workers() -> None:
    """Workers of ``--processes`` would look for a master that is gone for a minute more."""
    for child in psutil.Process().children():
        child.terminate()


def _open_tab(environment: Environment) -> Tab | None:
    """The page in Locust's web UI, where there is one."""
    if environment.web_ui is None:
        return None
    from reli.wiring.tab import Tab  # noqa: PLC0415 -- a headless run needs none of it

    return Tab(environment.web_ui, str(getattr(environment.parsed_options, "web_base_path", "")))


def install(
    events: Events,
    *,
    service: type[Service] | None = None,
    profiles: str = "",
    default_profile: str = "smoke",
    default_budgets: Sequence[str] = DEFAULT_BUDGETS,
) -> None:
    """Make a locustfile's runs recorded and judged; call it once, at the file's top level.

    ``service`` is built and started once in each load process; its metrics become columns.
    ``profiles`` names a directory beside the generic profiles whose files come first.
    ``default_profile`` runs when nothing else is asked for, and ``default_budgets`` judge a run of
    Locust's own load (-u, -r, -t).
    """

    def on_init(environment: Environment, **_others: Any) -> None:
        # Locust's clock stood still while it imported; a timer set now would fire too early.
        gevent.get_hub().loop.update_now()
        # The master waits so long for word of new users before it looks at the plan again.
        os.environ.setdefault("LOCUST_WAIT_FOR_WORKERS_REPORT_AFTER_RAMP_UP", "0.2")
        # A user that has to go ends its iteration first, unless that hangs: a call that is cut off
        # was made and is in no number.
        environment.stop_timeout = environment.stop_timeout or _FINISH_S
        runner = environment.runner
        if isinstance(runner, WorkerRunner):
            LoadProcess(environment, service)
            return
        assert environment.parsed_options is not None
        try:
            if service is not None:
                service()  # starts nothing, but refuses settings that cannot work
            setup = prepare(
                Options.read(environment.parsed_options, environment.parsed_locustfiles or ()),
                default_profile=default_profile,
                profiles=profiles,
                default_budgets=default_budgets,
                metrics=tuple(service.metrics) if service else (),
            )
        except ReliError as error:
            sys.stderr.write(f"reli: {error}\n")
            if environment.parsed_options.processes:
                _end_forked_workers()
            sys.exit(EXIT_USAGE)
        # The coordinator comes first: its test_start must begin the run before the load does.
        coordinator = Coordinator(environment, setup, _open_tab(environment))
        if isinstance(runner, MasterRunner):
            # A worker that joins or is lost changes who carries the load, never the load.
            environment.parsed_options.enable_rebalancing = True
        else:
            coordinator.attach(LoadProcess(environment, service))
        if setup.plan is not None:
            environment.shape_class = PlanShape(
                setup.plan, coordinator.elapsed_s, coordinator.is_idle
            )
            environment.shape_class.runner = runner

        gevent.signal_handler(signal.SIGTERM, coordinator.terminate)

    hold_back_users()
    events.init_command_line_parser.add_listener(lambda parser, **_others: add_options(parser))
    events.init.add_listener(on_init)
