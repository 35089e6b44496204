"""reli's options of the ``locust`` command."""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reli_analysis.errors import InputError
from reli_analysis.record.run import check_run_name
from reli_analysis.units import parse_quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from locust.argument_parser import LocustArgumentParser


def _rate_per_s(text: str) -> float:
    try:
        quantity = parse_quantity(text)
    except InputError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if quantity.unit not in {"1/s", ""} or quantity.value <= 0:
        raise argparse.ArgumentTypeError(f'"{text}" is not a rate; write for example 200/s')
    return quantity.value


def _time_scale(text: str) -> float:
    try:
        scale = float(text)
    except ValueError:
        scale = 0.0
    if not 0 < scale <= 1000:
        raise argparse.ArgumentTypeError(
            f'"{text}" is not a time scale; write for example 0.05 for a twentieth of each stage'
        )
    return scale


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f'"{text}" is not a port; write a number up to 65535')
    return int(text)


def add_options(parser: LocustArgumentParser) -> None:
    """Add the options. Locust calls this again for each page of its web UI, so it is pure."""
    add = parser.add_argument
    hidden: dict[str, Any] = {"include_in_web_ui": False}
    add(
        "--load-profile",
        env_var="RELI_PROFILE",
        metavar="NAME|PATH",
        help="profile to run, for example smoke or profiles/soak.yaml; "
        "without one and without -u, -r, -t the locustfile's default",
        **hidden,
    )
    add(
        "--base-rate",
        env_var="RELI_BASE_RATE",
        type=_rate_per_s,
        metavar="RATE",
        help="what 100 %% of the profile means, for example 200/s",
        **hidden,
    )
    add(
        "--time-scale",
        env_var="RELI_TIME_SCALE",
        type=_time_scale,
        default=1.0,
        metavar="FACTOR",
        help="multiply the length of each stage; the record and the report say so",
        **hidden,
    )
    add(
        "--budget",
        env_var="RELI_BUDGET",
        action="append",
        metavar="BUDGET",
        help='what must hold beside the profile\'s budgets, for example "p95 < 5ms"; repeatable',
        **hidden,
    )
    add(
        "--target",
        env_var="RELI_TARGET",
        action="append",
        metavar="TARGET",
        help="what is sampled instead of the profile's targets, for example name:redis-server or "
        "pid:1234; repeatable",
        **hidden,
    )
    add(
        "--run-dir",
        env_var="RELI_RUN_DIR",
        default="runs",
        metavar="DIR",
        help="directory in which run records are made (default: runs)",
        **hidden,
    )
    add(
        "--run-name",
        env_var="RELI_RUN_NAME",
        metavar="NAME",
        help="name of the run record (default: the profile and the time)",
        **hidden,
    )
    add(
        "--metrics-port",
        env_var="RELI_METRICS_PORT",
        type=_port,
        metavar="PORT",
        help="serve the run to Prometheus on 127.0.0.1:PORT/metrics",
        **hidden,
    )
    add(
        "--metrics-host",
        env_var="RELI_METRICS_HOST",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="address on which --metrics-port listens (default: 127.0.0.1, this host alone)",
        **hidden,
    )
    add(
        "--seed",
        env_var="RELI_SEED",
        type=int,
        metavar="N",
        help="seed of what is random in the load; the record holds it",
        **hidden,
    )


@dataclass(frozen=True)
class Options:
    """reli's options as given, with Locust's own that matter to it."""

    load_profile: str | None
    base_rate_per_s: float | None
    time_scale: float
    budgets: tuple[str, ...]
    targets: tuple[str, ...]
    run_dir: Path
    run_name: str | None
    metrics_port: int | None
    metrics_host: str
    seed: int | None
    headless: bool
    autostart: bool
    run_time_s: float | None
    own_load: bool
    locustfiles: tuple[Path, ...]

    @classmethod
    def read(cls, parsed: argparse.Namespace, locustfiles: Sequence[str]) -> Options:
        """From Locust's parsed options.

        Raises ``RecordError`` for a bad run name, ``InputError`` for a run directory that cannot
        be written to.
        """
        own_load = any(
            getattr(parsed, name, None) is not None
            for name in ("num_users", "spawn_rate", "run_time")
        )
        return cls(
            load_profile=parsed.load_profile or None,
            base_rate_per_s=parsed.base_rate,
            time_scale=parsed.time_scale,
            budgets=tuple(parsed.budget or ()),
            targets=tuple(parsed.target or ()),
            run_dir=_writable(Path(parsed.run_dir)),
            run_name=check_run_name(parsed.run_name) if parsed.run_name else None,
            metrics_port=parsed.metrics_port,
            metrics_host=parsed.metrics_host,
            seed=parsed.seed,
            headless=bool(parsed.headless),
            autostart=bool(parsed.autostart),
            run_time_s=float(parsed.run_time) if parsed.run_time else None,
            own_load=own_load,
            locustfiles=tuple(Path(name) for name in locustfiles),
        )


def _writable(directory: Path) -> Path:
    """The directory, made if need be, when a file can be written in it."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory) as file:
            file.write(b"x")
    except OSError as error:
        raise InputError(
            f"the run record cannot be made in {directory}: {error.strerror}; "
            "name a writable directory with --run-dir"
        ) from None
    return directory
