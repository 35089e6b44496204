"""What several reports of a comparison say in the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.compare.outcome import Outcome
from reli_analysis.compare.words import change, level
from reli_analysis.report.parts import Fact, as_sentence, listed, plural, utc
from reli_analysis.units import format_duration
from reli_analysis.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reli_analysis.compare.comparison import Comparison
    from reli_analysis.compare.measured import MeasuredRun
    from reli_analysis.compare.row import Row

HEADER = ("verdict", "what", "base", "candidate", "change", "95 % interval", "floor")


def title(comparison: Comparison) -> str:
    """``candidate-1 against base-1``, or how many runs there were of each."""
    base, candidate = comparison.base, comparison.candidate
    if len(base) == len(candidate) == 1:
        return one_line(f"{candidate[0].title} against {base[0].title}")
    return f"{plural(len(candidate), 'run')} against {plural(len(base), 'run')}"


def headline(comparison: Comparison) -> str:
    """Why the verdict is what it is, in one sentence without a capital or a stop."""
    rows = comparison.rows
    deciding = [row for row in rows if row.outcome is comparison.outcome]
    share = f"{len(deciding)} of {plural(len(rows), 'row')}"
    match comparison.outcome:
        case Outcome.INVALID:
            return f"the runs cannot be compared: {comparison.refusals[0].message}"
        case Outcome.REGRESSED:
            return f"{share} got worse: {_named(deciding)}"
        case Outcome.IMPROVED:
            return f"{share} got better, and none got worse: {_named(deciding)}"
        case Outcome.PASS:
            return f"none of {plural(len(rows), 'row')} got worse by its floor or more"
        case Outcome.INCONCLUSIVE if not rows:
            return "nothing could be compared, and no data is never a PASS"
        case Outcome.INCONCLUSIVE if not deciding:
            return "no row got worse, but the runs' own checks leave it open"
        case _:
            return f"nothing was shown to be worse, but {share} could not be decided"


def headline_sentence(comparison: Comparison) -> str:
    """The headline with a capital and a full stop."""
    return as_sentence(headline(comparison))


def _named(rows: Sequence[Row]) -> str:
    """The first few rows with their changes."""
    return listed([one_line(f"{row.name} {moved(row)}") for row in rows])


def moved(row: Row) -> str:
    """The estimated change; a dash where there is none."""
    return "–" if row.effect is None else change(row.effect, row.metric, row.effect.estimate)


def interval(row: Row) -> str:
    """``−1.2 % to +3.4 %``."""
    if row.effect is None:
        return "–"
    low, high = (change(row.effect, row.metric, end) for end in row.effect.interval)
    return f"{low.removesuffix(' points')} to {high}"


def cells(row: Row) -> tuple[str, ...]:
    """One row under ``HEADER``."""
    effect = row.effect
    levels = ("–",) * 2 if effect is None else tuple(
        level(value, row.metric) for value in (effect.base, effect.candidate)
    )  # fmt: skip
    floor = "–" if effect is None else change(effect, row.metric, row.floor).lstrip("+")
    return (row.outcome.value, one_line(row.name), *levels, moved(row), interval(row), floor)


def facts(comparison: Comparison) -> list[Fact]:
    """What was compared, and where the noise comes from."""
    told = [
        Fact(side, _runs(runs))
        for side, runs in (("base", comparison.base), ("candidate", comparison.candidate))
    ]
    return [*told, Fact("noise", noise(comparison))]


def _runs(runs: Sequence[MeasuredRun]) -> str:
    first = runs[0]
    text = one_line(first.title)
    if len(runs) > 1:
        text = f"{len(runs)} runs, {text} to {one_line(runs[-1].title)}"
    text += f", steady for {format_duration(first.steady_s)}"
    begun = utc(first.info.started_wall_s) if first.info else ""
    return text + (f", began {begun}" if begun else "")


def noise(comparison: Comparison) -> str:
    """Whether the noise between runs was measured or assumed."""
    if not comparison.assumed_noise:
        return "measured from the repeats"
    assumed = {metric.run_noise_ratio for metric in comparison.settings.metrics}
    low, high = min(assumed) * 100, max(assumed) * 100
    share = f"{low:g} %" if low == high else f"{low:g} % to {high:g} %"
    return (
        "within the runs measured by blocks of time; between runs assumed "
        f"({share} by metric), because fewer than three of each cannot show it"
    )


def advice(comparison: Comparison) -> list[str]:
    """What to do next, in sentences."""
    told = []
    names = sorted({d.name for d in comparison.refusals if d.name})
    if names:
        options = " ".join(f"--allow {name}" for name in names)
        told.append(f"Compare runs of the same thing; or say that it is meant: {options}.")
    open_rows = [row for row in comparison.rows if row.outcome is Outcome.INCONCLUSIVE]
    asked = sorted({row.of_each for row in open_rows if row.of_each is not None})
    if asked:
        counts = f"{asked[0]} to {asked[-1]}" if len(asked) > 1 else f"{asked[0]}"
        told.append(
            f"Make {counts} runs of each: that many would decide the open rows, as each row says."
        )
    if asked and comparison.assumed_noise:
        told.append(
            "Begin with three of each: from then on the noise between runs is measured, and how "
            "many are needed may turn out smaller. Take turns: base, candidate, base, candidate."
        )
    if any(row.of_each is None and row.effect is not None for row in open_rows):
        told.append(
            "Some rows are too noisy for any number of runs: run longer, calm the host, raise "
            "their --floor, or leave them out with --metric and --endpoint."
        )
    return told
