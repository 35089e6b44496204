"""Locust's statistics: what its percentiles are of, and what they prove."""

from __future__ import annotations

from pathlib import Path

import pytest

from reli_analysis.judge import judge
from reli_analysis.readers import read
from reli_analysis.verdict import Verdict

DATA = Path(__file__).with_name("data")
HEADER = (
    "Timestamp,User Count,Type,Name,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,99.9%,"
    "99.99%,100%,Total Request Count,Total Failure Count,Total Median Response Time,"
    "Total Average Response Time,Total Min Response Time,Total Max Response Time,"
    "Total Average Content Size"
)
QUANTILES = (0.5, 0.66, 0.75, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 0.9999, 1.0)


def verdict(path: Path, budget: str) -> Verdict:
    judgement = judge(read(path), [budget])
    return next(found.verdict for found in judgement.findings if found.kind == "budget")


def history(path: Path, slow_share: float, *, full: bool = False, seconds: int = 300) -> Path:
    """100 requests a second of 20 ms, the last share of the run of 900 ms, as Locust tells it."""
    from_s = round(seconds * (1 - slow_share))
    rows = [HEADER]
    for second in range(1, seconds + 1):
        of = range(max(1, second - 9), second + 1) if full else range(1, second + 1)
        slow = sum(one > from_s for one in of) / len(of)
        cells = [900 if q > 1 - slow + 1e-12 else 20 for q in QUANTILES]
        names = [("GET", "/x"), ("", "Aggregated")] if full else [("", "Aggregated")]
        rows += [
            f"{1_795_000_000 + second},5,{kind},{name},100,0,{','.join(map(str, cells))},"
            f"{100 * second},0,20,30.0,20,900,10"
            for kind, name in names
        ]
    path.write_text("\n".join(rows) + "\n")
    return path


def test_the_file_tells_what_its_percentiles_are_of() -> None:
    """Rows of endpoints are those of the full history; the notes and the columns say which."""
    plain = read(DATA / "locust_stats_history.csv")
    full = read(DATA / "locust_full_stats_history.csv")
    assert any("percentiles are cumulative" in note for note in plain.notes)
    assert any("of about the last ten seconds" in note for note in full.notes)
    assert "cumulative_p95_ms" in plain.series
    assert "current_p95_ms" in full.series
    assert "p95_ms" not in {*plain.series, *full.series}


def test_requests_of_an_interval_are_the_increase_of_totals() -> None:
    """So they add up to Locust's own totals, of everything and of endpoints."""
    for name, total in (("locust_stats_history.csv", 460), ("locust_full_stats_history.csv", 908)):
        run = read(DATA / name)
        assert run.series["requests"].values.sum() == total
        assert sum(stretch.requests for stretch in run.stretches if not stretch.endpoint) == total
    assert sum(e.requests.sum() for e in run.endpoints.values()) == 908


def test_a_mean_of_an_interval_comes_from_totals() -> None:
    """The totals' means by their counts give each interval's sum."""
    run = read(DATA / "locust_stats_history.csv")
    requests, means = run.series["requests"].values, run.series["mean_ms"].values
    busy = requests > 0
    overall = (requests[busy] * means[busy]).sum() / requests.sum()
    assert overall == pytest.approx(18.02, abs=0.01)


@pytest.mark.parametrize("full", [False, True])
def test_what_holds_throughout_passes(tmp_path: Path, full: bool) -> None:
    """With every request far below the limit."""
    path = history(tmp_path / "h.csv", 0, full=full)
    assert verdict(path, "p95 < 250ms") is Verdict.PASS
    assert verdict(path, "p95 < 15ms") is Verdict.FAIL


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("share", [0.07, 0.2, 0.6])
def test_what_is_broken_does_not_pass(tmp_path: Path, share: float, full: bool) -> None:
    """When more than a twentieth of all requests are slow, p95 is."""
    assert verdict(history(tmp_path / "h.csv", share, full=full), "p95 < 250ms") is not Verdict.PASS


@pytest.mark.parametrize("share", [0.015, 0.035])
def test_a_slow_end_hides_in_a_cumulative_percentile_and_does_not_pass(
    tmp_path: Path, share: float
) -> None:
    """Every row says p95 = 20 ms, and the last seconds took 900 ms: not a PASS."""
    path = history(tmp_path / "h.csv", share)
    cumulative = read(path).series["cumulative_p95_ms"].values
    assert cumulative.max() < 25
    assert verdict(path, "p95 < 250ms") is Verdict.INCONCLUSIVE
    assert verdict(path, "p95 < 250ms over 10s") is Verdict.INCONCLUSIVE


def test_a_reset_of_statistics_is_told(tmp_path: Path) -> None:
    """Totals that fall begin again; nothing is counted twice or taken away."""
    path = history(tmp_path / "h.csv", 0, seconds=60)
    lines = path.read_text().splitlines()
    later = [line.replace("17950000", "17950001") for line in lines[1:]]
    path.write_text("\n".join([*lines, *later]) + "\n")
    run = read(path)
    assert run.series["requests"].values.sum() == 12_000
    assert any("totals fall" in damage.message for damage in run.damage)


def test_rounding_decides_nothing(tmp_path: Path) -> None:
    """Locust writes 250 for 246 ms as for 254 ms, so neither side of 252 ms is proven."""
    path = history(tmp_path / "h.csv", 0)
    path.write_text(path.read_text().replace(",20,20,", ",250,250,").replace(",20,", ",250,"))
    assert verdict(path, "p95 < 252ms") is Verdict.INCONCLUSIVE
    assert verdict(path, "p95 < 256ms") is Verdict.PASS
    assert verdict(path, "p95 < 240ms") is Verdict.FAIL


def test_a_summary_judges_ratios_and_what_one_number_proves() -> None:
    """Of the whole run: error ratio, rate, mean and maximum exactly, percentiles where provable."""
    path = DATA / "locust_stats.csv"
    assert verdict(path, "error_ratio < 10%") is Verdict.PASS
    assert verdict(path, "error_ratio < 0.1%") is Verdict.FAIL
    assert verdict(path, "max_latency < 2s") is Verdict.PASS
    assert verdict(path, "p95 < 500ms") is Verdict.PASS
    assert verdict(path, "p95 < 10ms") is Verdict.FAIL
    assert verdict(path, 'p95 of "POST /order" < 500ms') is Verdict.PASS
    assert verdict(path, "p95 < 500ms over 10s") is Verdict.INCONCLUSIVE


def test_failures_alone_tell_no_ratio() -> None:
    """How many requests there were is not in that file."""
    path = DATA / "locust_failures.csv"
    assert read(path).failures[0].error == "HTTPError"
    assert verdict(path, "error_ratio < 90%") is Verdict.INCONCLUSIVE
