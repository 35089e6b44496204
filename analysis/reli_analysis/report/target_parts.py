"""What several reports say of a target in the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.record.layout import METRIC
from reli_analysis.report.parts import plural
from reli_analysis.units import format_value
from reli_analysis.visible import one_line

if TYPE_CHECKING:
    from reli_analysis.target_summary import TargetSummary

TARGET_HEADER = (
    "target",
    "what",
    "processes",
    "restarts",
    "memory",
    "at most",
    "descriptors",
    "at most",
    "of the limit",
    "cores",
    "at most",
)
"""Memory and descriptors at the end, cores in the mean, each followed by its largest value."""


def target_cells(target: TargetSummary) -> tuple[str, ...]:
    """One row under ``TARGET_HEADER``; a dash where nothing was measured."""
    return (
        one_line(target.source),
        one_line(_what(target)),
        format_value(target.processes, "count"),
        format_value(target.restarts, "count"),
        format_value(target.memory_last_bytes, "bytes"),
        format_value(target.memory_max_bytes, "bytes"),
        format_value(target.fds_last, "count"),
        format_value(target.fds_max, "count"),
        format_value(target.fds_max_ratio, "ratio"),
        _cores(target.cpu_mean_cores),
        _cores(target.cpu_max_cores),
    )


def target_words(target: TargetSummary) -> str:
    """The same in words, without what was not measured."""
    said = [] if target.kind not in {"", METRIC} else [_what(target)]
    if target.memory_last_bytes is not None:
        most = format_value(target.memory_max_bytes, "bytes")
        said.append(f"{format_value(target.memory_last_bytes, 'bytes')} (at most {most})")
    if target.fds_last is not None:
        share = format_value(target.fds_max_ratio, "ratio")
        of_limit = "" if target.fds_max_ratio is None else f" (at most {share} of the limit)"
        said.append(f"{plural(round(target.fds_last), 'descriptor')}{of_limit}")
    if target.cpu_mean_cores is not None:
        said.append(f"{target.cpu_mean_cores:.3g} cores")
    if target.processes is not None:
        many = target.processes != 1
        said.append(f"{target.processes:,} {'processes' if many else 'process'}")
    if target.restarts:
        said.append(plural(target.restarts, "restart"))
    return one_line(", ".join(said))


def _what(target: TargetSummary) -> str:
    if not target.kind:
        return "never there"
    what = target.name if target.kind == METRIC else target.kind
    if target.kind != METRIC and target.name not in {"", target.host}:
        what += f" {target.name}"
    return f"{what} on {target.host}" if target.host else what


def _cores(cores: float | None) -> str:
    return "–" if cores is None else f"{cores:.3g}"
