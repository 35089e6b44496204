"""``reli sample``: samples targets without any load, or serves them to who samples from afar."""

from __future__ import annotations

import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import click

from reli.commands.arguments import INTERVAL, LENGTH, PORT, RESERVE
from reli_analysis.errors import InputError, RecordError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reli_analysis.record import RunInfo

_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_EPILOG = """\b
Lines to paste:
  reli sample name:redis-server
  reli sample 1234 host --for 10m --budget "no leak in rss, fds"
  reli sample port:8080 -o runs --name checkout --every 5s
  reli sample name:postgres host --serve 127.0.0.1:9646
"""


@click.command(epilog=_EPILOG)
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...")
@click.option(
    "-o",
    "--output",
    default="runs",
    show_default=True,
    metavar="DIR",
    help="Directory in which the record is made.",
)
@click.option("--name", metavar="NAME", help="Name of the record (default: sample and the time).")
@click.option("--for", "for_s", type=LENGTH, metavar="TIME", help="End by itself, as after 10m.")
@click.option(
    "--every",
    "every_s",
    type=INTERVAL,
    default="1s",
    show_default=True,
    metavar="TIME",
    help="Between two samples, 0.1s to 1h.",
)
@click.option(
    "--uss-every",
    "uss_every_s",
    type=LENGTH,
    default="60s",
    show_default=True,
    metavar="TIME",
    help="Between two readings of memory of their own (USS, PSS), which cost more.",
)
@click.option(
    "--budget",
    "budgets",
    multiple=True,
    metavar="TEXT",
    help='What must hold, such as "max rss < 512MiB"; repeatable.',
)
@click.option(
    "--disk-reserve",
    type=RESERVE,
    metavar="SIZE",
    help="What the record leaves free on its disk (default: 200MB, or 5 % of a small disk).",
)
@click.option(
    "--metrics-port",
    type=PORT,
    metavar="PORT",
    help="Serve the newest sample to Prometheus at /metrics of this port.",
)
@click.option(
    "--metrics-host",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="Address on which --metrics-port listens.",
)
@click.option(
    "--serve",
    metavar="HOST:PORT",
    help="Write no record: be the agent that agent:HOST:PORT targets and Prometheus read.",
)
@click.option("--token-file", type=Path, metavar="FILE", help="What readers of --serve must show.")
@click.option("--tls-certificate", type=Path, metavar="FILE", help="PEM file for --serve.")
@click.option("--tls-key", type=Path, metavar="FILE", help="The key to it, a PEM file.")
def sample(targets: tuple[str, ...], serve: str | None, **options: Any) -> int:
    """Sample each TARGET without any load, until Ctrl-C or for a time.

    A target is self, host, pid:N (or N), name:X, cmd:REGEX, port:N, cgroup:PATH, container:NAME,
    prometheus:URL or agent:HOST:PORT. reli-analyze judges the record like that of any run.
    """
    # Help must answer at once.
    from reli.recorder.attach import as_target  # noqa: PLC0415 -- as said
    from reli.targets import check_count  # noqa: PLC0415 -- as said

    texts = tuple(dict.fromkeys(as_target(text) for text in targets))
    check_count(texts)
    if serve is not None:
        _serve(texts, serve, options)
        return 0
    for name in ("token_file", "tls_certificate", "tls_key"):
        if options[name] is not None:
            raise InputError(f"--{name.replace('_', '-')} has a meaning only with --serve")
    _record(texts, options)
    return 0


def _serve(targets: Sequence[str], address: str, options: dict[str, Any]) -> None:
    """Be the agent until interrupted."""
    from reli.agent import TlsFiles, read_token, serve  # noqa: PLC0415 -- only an agent needs it

    for name in ("name", "budgets", "disk_reserve", "metrics_port"):
        if options[name]:
            shown = name.removesuffix("s").replace("_", "-")
            raise InputError(f"--{shown} has no meaning with --serve: an agent writes no record")
    certificate, key = options["tls_certificate"], options["tls_key"]
    if (certificate is None) != (key is None):
        raise InputError("--tls-certificate and --tls-key go together: name both or none")
    serve(
        targets,
        address,
        interval_s=options["every_s"],
        memory_map_every_s=options["uss_every_s"],
        token=read_token(options["token_file"]),
        tls=TlsFiles(certificate, key) if certificate else None,
        for_s=options["for_s"],
        say=lambda text: click.echo(text, err=True),
    )


def _record(targets: Sequence[str], options: dict[str, Any]) -> None:
    """Sample into a record of its own; says where it is, first and last."""
    from reli.recorder.alone import sample_until  # noqa: PLC0415 -- help must answer at once
    from reli.recorder.recording import Recorder  # noqa: PLC0415 -- as above
    from reli.recorder.settings import Settings  # noqa: PLC0415 -- as above

    info = _run_info(targets, options)
    settings = Settings(
        parent=options["output"],
        memory_map_every_s=options["uss_every_s"],
        disk_reserve_bytes=options["disk_reserve"],
        show_progress=True,
        metrics_port=options["metrics_port"],
        metrics_host=options["metrics_host"],
    )
    stop = Event()
    for number in _ENDS:
        # Who started us with nohup wants a closed terminal to go unheard.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda _number, _frame: stop.set())
    try:
        recorder = Recorder(info, settings)
        click.echo(f"reli: sampling into {recorder.directory}; Ctrl-C ends it", err=True)
        sample_until(recorder, stop, options["for_s"])
    except OSError as error:
        raise RecordError(f"the record could not be written: {error.strerror or error}") from None
    if recorder.stopped:
        raise RecordError(recorder.stopped)
    click.echo(f"reli: sampled into {recorder.directory}", err=True)


def _run_info(targets: Sequence[str], options: dict[str, Any]) -> RunInfo:
    """The first content of ``run.json``; raises ``ReliError`` for what has to be mended first."""
    from reli import host  # noqa: PLC0415 -- help must answer at once
    from reli.clock import boot_id  # noqa: PLC0415 -- as above
    from reli.measurable import check_budget, with_published  # noqa: PLC0415 -- as above
    from reli_analysis.record import RunInfo  # noqa: PLC0415 -- as above
    from reli_analysis.record.run import check_run_name  # noqa: PLC0415 -- as above

    if "self" in targets:
        raise InputError('target "self" is Locust\'s own processes, and here is no load')
    metrics = with_published((), targets)
    for budget in options["budgets"]:
        check_budget(budget, metrics, ("steady",))
    started_s = time.time()
    usual = f"sample-{datetime.fromtimestamp(started_s, UTC):%Y%m%dT%H%M%SZ}"
    return RunInfo(
        run_id=check_run_name(options["name"]) if options["name"] else usual,
        profile_name="sample",
        started_wall_s=started_s,
        started_monotonic_s=time.monotonic(),
        boot_id=boot_id(),
        interval_s=options["every_s"],
        planned_s=options["for_s"],
        budgets=options["budgets"],
        metrics=metrics,
        targets=tuple(targets),
        load=False,
        command=tuple(sys.argv),
        versions=host.versions(),
        host=host.describe(),
    )
