"""``run.json``: what was run, where, with what; and the directory that a run leaves."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reli_analysis.errors import RecordError
from reli_analysis.record.layout import FORMAT_VERSION, RUN_JSON, STATES

METRIC_KINDS = ("gauge", "counter", "ratio")


@dataclass(frozen=True)
class MetricSpec:
    """A number that the wrapped service publishes each interval; it becomes a results column.

    ``gauge``    a level; over several load processes the largest counts
    ``counter``  only grows; over several load processes the sum counts
    ``ratio``    ``numerator`` divided by ``denominator``, both counters, since the run began

    A run in which a counter with ``required`` stays 0 measured nothing and is INVALID.
    """

    name: str
    kind: str
    meaning: str
    unit: str = "count"
    numerator: str = ""
    denominator: str = ""
    required: bool = False


@dataclass(frozen=True)
class StageSpan:
    """One stage of the plan as it lies in time, loops unrolled; levels are in ``unit``."""

    name: str
    kind: str
    window: str
    start_s: float
    end_s: float
    from_level: float
    to_level: float


@dataclass(frozen=True)
class RunInfo:
    """The content of ``run.json``.

    ``profile`` is the profile as resolved (its own fields, after ``extends`` and overrides).
    ``load_unit`` is ``"iterations/s"`` or ``"users"``, the unit of the stages' levels.
    ``load`` is false for a record that only samples.
    ``planned_s`` is ``None`` for a run without a planned end. Times are seconds; ``started_wall_s``
    since 1970 (UTC), ``started_monotonic_s`` on the clock that all processes of ``boot_id`` share.
    """

    run_id: str
    profile_name: str
    started_wall_s: float
    started_monotonic_s: float
    boot_id: str
    interval_s: float = 1.0
    time_scale: float = 1.0
    load_unit: str = "iterations/s"
    planned_s: float | None = None
    profile: dict[str, Any] = field(default_factory=dict)
    budgets: tuple[str, ...] = ()
    stages: tuple[StageSpan, ...] = ()
    metrics: tuple[MetricSpec, ...] = ()
    targets: tuple[str, ...] = ()
    load: bool = True
    command: tuple[str, ...] = ()
    seed: int | None = None
    versions: dict[str, str] = field(default_factory=dict)
    host: dict[str, Any] = field(default_factory=dict)
    recorder: dict[str, Any] = field(default_factory=dict)
    state: str = "running"
    state_reason: str = ""
    ended_elapsed_s: float | None = None
    format_version: int = FORMAT_VERSION

    def to_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, data: Any, where: str) -> RunInfo:
        """Build from parsed JSON; raises ``RecordError`` naming ``where`` and the trouble."""
        if not isinstance(data, dict):
            raise RecordError(f"{where} must hold a JSON object")
        version = data.get("format_version")
        if not isinstance(version, int) or version < 1:
            raise RecordError(f"{where} has no format_version; it is not a run record of reli")
        if version > FORMAT_VERSION:
            raise RecordError(
                f"{where} is of format {version}; this reli reads up to {FORMAT_VERSION}: upgrade it"
            )
        known = {f.name for f in dataclasses.fields(cls)}
        values = {key: value for key, value in data.items() if key in known}
        try:
            values["stages"] = tuple(StageSpan(**s) for s in values.get("stages", ()))
            values["metrics"] = tuple(MetricSpec(**m) for m in values.get("metrics", ()))
            for key in ("budgets", "targets", "command"):
                if isinstance(values.get(key), str):
                    raise RecordError(f"{where}: {key} must be a list")
                values[key] = tuple(str(item) for item in values.get(key, ()))
            info = cls(**values)
            float(info.started_wall_s)
        except (TypeError, ValueError) as error:
            raise RecordError(f"{where} is not a run record of reli: {error}") from None
        if info.state not in STATES:
            raise RecordError(f'{where}: unknown state "{info.state}"; known: {", ".join(STATES)}')
        return info


def write_atomically(path: Path, text: str) -> None:
    """Replace a file so that a reader, or a crash, sees the old content or the new, never a mix."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_run_info(directory: Path, info: RunInfo) -> None:
    write_atomically(directory / RUN_JSON, json.dumps(info.to_json(), indent=1) + "\n")


def read_run_info(directory: Path) -> RunInfo:
    """Read ``run.json``; raises ``RecordError`` when it is missing or not ours."""
    path = directory / RUN_JSON
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecordError(f"{directory} is not a run record: it has no {RUN_JSON}") from None
    except OSError as error:
        raise RecordError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise RecordError(f"{path} is not JSON: {error}") from None
    return RunInfo.from_json(data, str(path))


def check_run_name(name: str) -> str:
    """A name that is safe as part of a directory's name; raises ``RecordError`` otherwise."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", name):
        raise RecordError(
            f'"{name}" cannot name a run: use up to 100 letters, digits, ".", "_" and "-", '
            "beginning with a letter or a digit"
        )
    return name


def create_run_directory(parent: Path, run_id: str, option: str = "--run-dir") -> Path:
    """Make ``parent/run_id``, or ``run_id-2``, ``-3``, ... when taken; never an existing one.

    ``option`` is what the user would name another parent with.
    """
    check_run_name(run_id)
    try:
        parent.mkdir(parents=True, exist_ok=True)
        for number in range(1, 10_000):
            directory = parent / (run_id if number == 1 else f"{run_id}-{number}")
            try:
                directory.mkdir()
            except FileExistsError:
                continue
            return directory
    except OSError as error:
        raise RecordError(
            f"the run record cannot be made in {parent}: {error.strerror}; "
            f"name a writable directory with {option}"
        ) from None
    raise RecordError(f"{parent} holds too many runs named {run_id}")
