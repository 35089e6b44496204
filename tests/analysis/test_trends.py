"""Trends are tested on scripted series whose truth is known."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from reli_analysis.readers import read
from reli_analysis.series import Run, Sampled, Series
from reli_analysis.trends import Growth, TooShort, Trend, answer, longest_life, trend
from reli_analysis.trends.slope import _kendall_variance, theil_sen
from reli_analysis.trends.trend import floors
from reli_analysis.verdict import Verdict
from reli_analysis.windows import Window
from support import synthetic
from support.judging import ask
from support.synthetic import MIB, Life, Script, noisy, sawtooth

if TYPE_CHECKING:
    from numpy.typing import NDArray

HOUR = 3600


def series(values: NDArray[Any], step_s: float = 1.0, unit: str = "bytes") -> Series:
    return Series(
        "x",
        unit,
        np.arange(len(values), dtype=np.float64) * step_s,
        np.array(values, dtype=np.float64),
    )


def grown(per_h: float, *, hours: float = 1.0, noise: float = 0.2, seed: int = 0) -> Series:
    """100 units with white noise and a steady growth, sampled each second."""
    t = np.arange(int(hours * HOUR))
    rng = np.random.default_rng(seed)
    return series(100 + per_h * t / HOUR + noise * rng.standard_normal(len(t)))


def found(judged: Series) -> Growth:
    end_s = float(judged.elapsed_s[-1]) + 1
    return answer(trend(judged, 0.0, end_s), judged.unit).growth


@pytest.mark.parametrize("per_h", [-20.0, -2.0, 0.0, 0.5, 2.0, 20.0])
def test_the_interval_holds_the_true_rate(per_h: float) -> None:
    """Of 40 noisy series, the 95 % interval misses the truth in a few at most."""
    missed, errors = 0, []
    for seed in range(40):
        judged = trend(grown(per_h, seed=seed), 0, HOUR)
        missed += not judged.low_per_h <= per_h <= judged.high_per_h
        errors.append(abs(judged.slope_per_h - per_h))
    assert missed <= 5
    assert np.median(errors) < 0.05


def test_theil_sen_equals_the_definition() -> None:
    """The median of all pairs' slopes, whatever a third of the points do."""
    x = np.arange(20.0)
    y = 3 * x + 1
    y[[2, 7, 11, 13, 17]] += 500
    slope = theil_sen(x, y)
    assert slope.low <= 3.0 <= slope.high
    assert slope.estimate == pytest.approx(3.0, abs=1e-9)
    flat = theil_sen(x, np.full(20, 7.0))
    assert (flat.estimate, flat.low, flat.high) == (0.0, 0.0, 0.0)


def test_the_interval_is_sens_for_independent_residuals() -> None:
    """Without autocorrelation the interval is that of scipy's independent implementation."""
    from scipy.stats import theilslopes

    rng = np.random.default_rng(5)
    x = np.arange(40.0)
    for _ in range(20):
        y = 0.1 * x + rng.standard_normal(40)
        ours, theirs = theil_sen(x, y), theilslopes(y, x, 0.95)
        assert ours.estimate == pytest.approx(float(theirs.slope))
        assert ours.low <= float(theirs.low_slope) + 1e-12
        assert ours.high >= float(theirs.high_slope) - 1e-12
        assert ours.high - ours.low < 2 * float(theirs.high_slope - theirs.low_slope)


def test_autocorrelation_widens_the_interval() -> None:
    """A random walk's slope is not known as well as that of white noise."""
    rng = np.random.default_rng(7)
    x = np.arange(64.0)
    walks = [theil_sen(x, np.cumsum(rng.standard_normal(64))) for _ in range(60)]
    wrong = sum(not slope.low <= 0 <= slope.high for slope in walks)
    assert wrong <= 20  # an interval for independent residuals is wrong in about 50
    assert any(math.isinf(slope.high) for slope in walks) or wrong < 20


def test_ties_narrow_the_interval_as_kendall_says() -> None:
    """The variance of S for 3, 2 and 1 equal values among six, worked out by hand."""
    everything, of_three, of_two = 6 * 5 * 17, 3 * 2 * 11, 2 * 1 * 9
    values = np.array([1.0, 1.0, 1.0, 2.0, 2.0, 3.0])
    assert _kendall_variance(values) == pytest.approx((everything - of_three - of_two) / 18)
    assert _kendall_variance(np.full(9, 4.0)) == 0.0


def test_a_floor_is_the_mean_of_the_lower_half() -> None:
    """Of one bucket's samples the upper half is left out, and so are thin buckets."""
    values = np.tile([1.0, 9.0, 3.0, 11.0], 64)
    x, y = floors(series(values))
    assert len(x) == 64
    assert y == pytest.approx(np.full(64, 2.0))
    assert np.diff(x) == pytest.approx(np.full(63, 4.0), abs=1.0)
    holes = np.delete(np.arange(256), np.arange(100, 107))
    few = Series("x", "bytes", holes.astype(float), values[holes])
    assert len(floors(few)[0]) < 64
    assert len(floors(series(np.ones(35)))[0]) == 0


def _trend(slope: float, low: float, high: float, late: tuple[float, float]) -> Trend:
    return Trend(slope, low, high, *late, base=100.0, length_s=600.0, buckets=64, samples=600)


@pytest.mark.parametrize(
    ("found_trend", "unit", "growth"),
    [
        (_trend(5, 3, 7, (2, 8)), "bytes", Growth.LEAK),
        (_trend(5, 0.9, 7, (2, 8)), "bytes", Growth.UNKNOWN),
        (_trend(5, 3, 7, (-1, 1)), "bytes", Growth.UNKNOWN),
        (_trend(0, -0.5, 0.9, (-2, 2.9)), "bytes", Growth.NONE),
        (_trend(0, -0.5, 0.9, (-2, 3.1)), "bytes", Growth.UNKNOWN),
        (_trend(0, -0.5, 1.1, (-2, 2)), "bytes", Growth.UNKNOWN),
        (replace(_trend(0, 0, 0, (0, 0)), base=0.0), "bytes", Growth.NONE),
        (replace(_trend(0.5, 0.4, 0.6, (0.4, 0.6)), base=10.0), "bytes", Growth.LEAK),
        (replace(_trend(0.5, 0.4, 0.6, (0.4, 0.6)), base=10.0), "count", Growth.NONE),
        (_trend(5, -math.inf, math.inf, (-math.inf, math.inf)), "bytes", Growth.UNKNOWN),
    ],
)
def test_the_three_answers(found_trend: Trend, unit: str, growth: Growth) -> None:
    """1 % of the level an hour matters, for counts at least one; and the second half must agree."""
    says = answer(found_trend, unit)
    assert says.growth is growth
    assert (says.needed_s is not None) == (growth is Growth.UNKNOWN)
    assert says.needed_s is None or says.needed_s >= 1.5 * found_trend.length_s


@pytest.mark.parametrize("seed", range(5))
def test_a_leak_is_found_and_a_flat_series_is_cleared(seed: int) -> None:
    """3 % an hour over an hour is a leak; no growth is none above 1 % an hour."""
    assert found(grown(3.0, seed=seed)) is Growth.LEAK
    assert found(grown(0.0, seed=seed)) is Growth.NONE
    assert found(grown(-3.0, seed=seed)) is Growth.NONE


def test_what_the_noise_hides_is_unknown_and_says_how_long_it_takes() -> None:
    """Noise wider than the threshold leaves the answer open; a longer run would tell."""
    judged = trend(grown(0.0, hours=0.2, noise=5.0), 0, 0.2 * HOUR)
    says = answer(judged, "bytes")
    assert says.growth is Growth.UNKNOWN
    assert says.needed_s is not None
    assert says.needed_s > 1.8 * judged.length_s


def test_a_sawtooth_is_no_leak_unless_its_floor_rises() -> None:
    """A garbage collector's rise and fall is judged by what it leaves."""
    t = np.arange(HOUR)
    teeth = 100 + 20 * ((t / 10) % 1)
    assert found(series(teeth)) is Growth.NONE
    assert found(series(teeth + 5 * t / HOUR)) is Growth.LEAK


@pytest.mark.parametrize("period_s", [40, 100, 300, 700, 1000, 1500])
def test_slow_waves_are_never_called_a_leak(period_s: int) -> None:
    """Collections, timers and tides slower than a bucket may be unclear, but accuse nobody."""
    t = np.arange(HOUR)
    for phase in (0.0, 0.25, 0.5, 0.75):
        turn = t / period_s + phase
        assert found(series(100 + 20 * (turn % 1))) is not Growth.LEAK
        assert found(series(100 + 5 * np.sin(2 * np.pi * turn))) is not Growth.LEAK


def test_a_warm_up_that_levels_off_is_no_leak() -> None:
    """Growth that has ended, or that slows down, is never called a leak."""
    t = np.arange(HOUR)
    rng = np.random.default_rng(1)
    noise = 0.05 * rng.standard_normal(HOUR)
    assert found(series(100 + 30 * (1 - np.exp(-t / 200)) + noise)) is not Growth.LEAK
    assert found(series(100 + np.minimum(t / 60, 20) + noise)) is not Growth.LEAK
    early = 100 + np.minimum(t / 60, 8) + noise
    assert found(series(early)) is Growth.NONE, "it ended within the settling share"


def test_a_late_leak_is_not_cleared() -> None:
    """Growth that begins in the last third keeps the answer from being NONE."""
    t = np.arange(HOUR)
    rng = np.random.default_rng(2)
    late = 100 + np.maximum(0, t - 2400) / 1200 * 5 + 0.05 * rng.standard_normal(HOUR)
    assert found(series(late)) is not Growth.NONE


def test_counts_need_one_an_hour() -> None:
    """Descriptors: a few steps in an hour are a leak, a single one is not."""
    t = np.arange(4 * HOUR)
    steps = series(20.0 + t // 900, unit="count")
    assert found(steps) is Growth.LEAK
    single = series(20.0 + (t > 2 * HOUR), unit="count")
    assert found(single) is not Growth.LEAK
    assert found(series(np.full(HOUR, 20.0), unit="count")) is Growth.NONE
    assert found(series(np.zeros(HOUR))) is Growth.NONE


def test_too_little_for_a_trend() -> None:
    """Five minutes and 36 samples are the least."""
    with pytest.raises(TooShort, match="too short"):
        trend(grown(1.0), 0, 299)
    with pytest.raises(TooShort, match="too few") as few:
        trend(series(np.ones(20), step_s=60), 0, 1200)
    assert few.value.needed_s > 1200
    assert trend(series(np.ones(60), step_s=60), 0, HOUR).buckets >= 12


def test_gaps_are_not_filled() -> None:
    """Missing samples, NaN or absent, leave buckets out and the rate as it is."""
    whole = grown(10.0)
    values = whole.values.copy()
    values[1000:1500] = np.nan
    assert trend(Series("x", "bytes", whole.elapsed_s, values), 0, HOUR).slope_per_h == (
        pytest.approx(10.0, abs=0.2)
    )


def _run(sampled: tuple[Sampled, ...], length: int = 1000) -> Run:
    flat = {"rss_bytes": series(np.ones(length))}
    return Run("x", Path("x"), flat, (Window("steady", "s", 0.0, float(length)),), None,
               sampled=sampled)  # fmt: skip


def _process(pid: int, first: int, last: int, role: str = "target") -> Sampled:
    times = np.arange(first, last + 1, dtype=float)
    fds = Series("fds", "count", times, times)
    return Sampled(role, "self", "here", "p", times, {"fds": fds}, pid=pid)


def test_lives_are_cut_where_the_target_changes() -> None:
    """A restart begins a new life; helpers that live shortly and other roles cut nothing."""
    whole = longest_life(_run((_process(1, 0, 999),)))
    assert whole is not None
    assert (whole.start_s, whole.end_s, whole.lives) == (0.0, 1000.0, 1)
    restarted = longest_life(_run((_process(1, 0, 299), _process(2, 305, 999))))
    assert restarted is not None
    assert (restarted.start_s, restarted.end_s, restarted.lives) == (305.0, 1000.0, 2)
    others = (_process(1, 0, 999), _process(2, 100, 120), _process(3, 0, 500, "generator"))
    unchanged = longest_life(_run(others))
    assert unchanged is not None
    assert unchanged.lives == 1
    assert longest_life(_run(())) is not None


@pytest.fixture(scope="module")
def leaking(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Twenty minutes: RSS leaks, descriptors and threads do not, the heap is a sawtooth."""
    columns = {
        "rss_bytes": noisy(100 * MIB, noise=0.2 * MIB, per_h=12 * MIB),
        "uss_bytes": sawtooth(80 * MIB, height=20 * MIB, period_s=4),
    }
    script = Script(steady_s=1200, requests=lambda _s: 1, columns=columns)
    return read(synthetic.write(tmp_path_factory.mktemp("runs") / "run", script).path)


def test_no_leak_judges_each_metric_by_itself(leaking: Run) -> None:
    """J041, N29: the finding names what leaks, how fast, and how well that is known."""
    finding = ask(leaking, "no leak in rss")
    assert finding.verdict is Verdict.FAIL
    assert finding.subject == "rss_bytes"
    assert finding.unit == "bytes/h"
    assert finding.observed == pytest.approx(12 * MIB, rel=0.1)
    assert finding.limit == pytest.approx(MIB, rel=0.1)
    assert finding.evidence["low_per_h"] <= 12 * MIB <= finding.evidence["high_per_h"]
    assert "rss_bytes" in finding.evidence["advice"]
    for name in ("fds", "threads", "uss"):
        assert ask(leaking, f"no leak in {name}").verdict is Verdict.PASS


def test_a_short_run_cannot_tell(tmp_path: Path) -> None:
    """A minute is too short for a trend, and the advice says what would do."""
    finding = ask(read(synthetic.write(tmp_path / "run", Script()).path), "no leak in rss")
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "at least 5 min" in finding.evidence["advice"]


def test_unclear_growth_tells_how_long_to_run(tmp_path: Path) -> None:
    """INCONCLUSIVE with the interval and the length that is needed, infinite ends as null."""
    columns = {"rss_bytes": noisy(100 * MIB, noise=5 * MIB)}
    script = Script(steady_s=400, requests=lambda _s: 1, columns=columns)
    finding = ask(read(synthetic.write(tmp_path / "run", script).path), "no leak in rss")
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert finding.evidence["needed_s"] > 400
    assert "Let the steady window last at least" in finding.evidence["advice"]
    ends = (finding.evidence["low_per_h"], finding.evidence["high_per_h"])
    assert all(end is None or math.isfinite(end) for end in ends)


def test_a_trend_is_not_drawn_across_a_restart(tmp_path: Path) -> None:
    """A target that restarts with more memory has not leaked."""
    script = Script(
        steady_s=900,
        requests=lambda _s: 1,
        columns={"rss_bytes": lambda s: (100.0 if s < 300 else 150.0) * MIB + s % 2},
        lives=(Life(1, 0, 299), Life(2, 300, 909)),
    )
    finding = ask(read(synthetic.write(tmp_path / "run", script).path), "no leak in rss")
    assert finding.verdict is Verdict.PASS
    assert finding.evidence["lives"] == 2
    assert "the target restarted" in finding.message
