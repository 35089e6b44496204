"""What a run will be: the profile, the plan and the budgets, from the options of the command."""

from __future__ import annotations

import secrets
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reli import host
from reli.clock import RunClock, boot_id
from reli.measurable import check_budget, with_published
from reli.plan import Plan, build_plan, plan_to_json
from reli.profile import Profile, load_profile
from reli.profile.find import shipped_directory
from reli.recorder.settings import Settings
from reli.targets import check_count
from reli_analysis.record import MetricSpec, RunInfo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reli.wiring.options import Options

OWN_LOAD = "locust"
"""Name of a run whose load comes from -u, -r and -t."""

_DEFAULT_USS_EVERY_S = 60.0


@dataclass(frozen=True)
class Setup:
    """A run before it begins; ``profile`` and ``plan`` are ``None`` for Locust's own load."""

    name: str
    profile: Profile | None
    plan: Plan | None
    budgets: tuple[str, ...]
    targets: tuple[str, ...]
    metrics: tuple[MetricSpec, ...]
    interval_s: float
    uss_every_s: float
    disk_reserve_bytes: float | None
    seed: int
    planned_s: float | None
    options: Options

    def plan_json(self) -> dict[str, Any] | None:
        """The plan as the load processes receive it."""
        return plan_to_json(self.plan) if self.plan else None

    def recorder_settings(self) -> Settings:
        """How the run is recorded."""
        return Settings(
            parent=str(self.options.run_dir),
            memory_map_every_s=self.uss_every_s,
            disk_reserve_bytes=self.disk_reserve_bytes,
            show_progress=self.options.headless,
            metrics_port=self.options.metrics_port,
            metrics_host=self.options.metrics_host,
        )

    def run_info(self, clock: RunClock) -> RunInfo:
        """The first content of ``run.json``."""
        started = datetime.fromtimestamp(clock.started_wall_s, UTC)
        run_id = self.options.run_name or f"{self.name}-{started:%Y%m%dT%H%M%SZ}"
        plan = self.plan
        return RunInfo(
            run_id=run_id,
            profile_name=self.name,
            started_wall_s=clock.started_wall_s,
            started_monotonic_s=clock.start_s,
            boot_id=boot_id(),
            interval_s=self.interval_s,
            time_scale=self.options.time_scale if plan else 1.0,
            load_unit=plan.load_unit if plan else "users",
            planned_s=self.planned_s,
            profile=self.profile.resolved() if self.profile else {},
            budgets=self.budgets,
            stages=plan.spans if plan else (),
            metrics=self.metrics,
            targets=self.targets,
            command=tuple(sys.argv),
            seed=self.seed,
            versions=host.versions(),
            host=host.describe(),
        )


def prepare(
    options: Options,
    *,
    default_profile: str,
    profiles: str,
    default_budgets: Sequence[str],
    metrics: Sequence[MetricSpec],
) -> Setup:
    """Decide what will run; raises ``ReliError`` for anything that the user has to mend first.

    A profile that is asked for wins. Without one, -u, -r or -t mean Locust's own load, and so
    does the web UI, where users are typed in; otherwise the locustfile's default profile runs.
    """
    asked = options.load_profile
    if asked is None and not options.own_load and (options.headless or options.autostart):
        asked = default_profile
    profile = None
    if asked is not None:
        profile = load_profile(
            asked,
            near=_profile_directories(profiles, options.locustfiles) if profiles else (),
            base_rate_per_s=options.base_rate_per_s,
            time_scale=options.time_scale,
        )
    plan = build_plan(profile) if profile else None
    asked_budgets = (*(profile.budgets if profile else default_budgets), *options.budgets)
    targets = tuple(dict.fromkeys(options.targets or (profile.targets if profile else ("self",))))
    check_count(targets)
    metrics = with_published(metrics, targets)
    windows = {span.window for span in plan.spans} if plan else None
    for budget in asked_budgets:
        check_budget(budget, metrics, windows)
    ends = [end for end in (plan.total_s if plan else None, options.run_time_s) if end is not None]
    seed = options.seed if options.seed is not None else profile.seed if profile else None
    return Setup(
        name=profile.name if profile else OWN_LOAD,
        profile=profile,
        plan=plan,
        budgets=asked_budgets,
        targets=targets,
        metrics=metrics,
        interval_s=profile.sampling.interval_s if profile else 1.0,
        uss_every_s=profile.sampling.uss_every_s if profile else _DEFAULT_USS_EVERY_S,
        disk_reserve_bytes=profile.sampling.disk_reserve_bytes if profile else None,
        seed=secrets.randbelow(2**31) if seed is None else seed,
        planned_s=min(ends) if ends else None,
        options=options,
    )


def _profile_directories(profiles: str, locustfiles: Sequence[Path]) -> list[Path]:
    """Where a locustfile's own profiles may lie, the nearest first."""
    homes = [Path("profiles")]
    for locustfile in locustfiles:
        here = locustfile.absolute().parent
        homes += [here / "profiles", here.parent / "profiles"]
    return [home / profiles for home in [*homes, shipped_directory()]]
