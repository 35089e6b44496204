"""What other tools' files leave open: whole milliseconds, long silences, times without a unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reli_analysis.errors import InputError
from reli_analysis.judge import judge
from reli_analysis.readers import read
from reli_analysis.readers.base import Guide
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reli_analysis.series import Run

HEADER = "timeStamp,elapsed,label,responseCode,success\n"


def _log(path: Path, elapsed_ms: int, answered: Callable[[int], bool] = lambda _s: True) -> Run:
    """Five minutes of twenty requests a second, each of which took as long."""
    rows = [
        f"{1_700_000_000_000 + second * 1000 + 50 * part},{elapsed_ms},home,200,true\n"
        for second in range(300)
        if answered(second)
        for part in range(20)
    ]
    path.write_text(HEADER + "".join(rows))
    return read(path)


@pytest.mark.parametrize("elapsed_ms", [100, 250, 300, 500, 1000, 1500, 2000])
@pytest.mark.parametrize("what", ["p50", "p95", "max_latency", "p95 {} over 30s"])
def test_a_latency_is_equal_to_the_limit_in_its_bucket(
    tmp_path: Path, elapsed_ms: int, what: str
) -> None:
    """Wherever the middle of the bucket lies: <= is kept, < is broken, a millisecond decides."""
    run = _log(tmp_path / "log.jtl", elapsed_ms)

    def verdict(comparison: str, limit_ms: int) -> Verdict:
        name, _, over = what.partition(" {}")
        (finding,) = [
            f for f in judge(run, [f"{name} {comparison} {limit_ms}ms{over}"]).findings
            if f.kind == "budget"
        ]  # fmt: skip
        return finding.verdict

    assert verdict("<=", elapsed_ms) is Verdict.PASS
    assert verdict("<", elapsed_ms) is Verdict.FAIL
    assert verdict("<", elapsed_ms + 3) is Verdict.PASS
    assert verdict("<=", elapsed_ms - 3) is Verdict.FAIL


@pytest.mark.parametrize(("silent_s", "says"), [(200, "INCONCLUSIVE"), (30, "PASS"), (0, "PASS")])
def test_a_long_silence_in_the_middle_of_a_log_is_no_pass(
    tmp_path: Path, silent_s: int, says: str
) -> None:
    """Whether nobody asked or nobody answered, a log of answers does not say."""
    run = _log(tmp_path / "log.jtl", 50, lambda s: not 60 <= s < 60 + silent_s)
    judgement = judge(run, ["p95 < 250ms", "availability > 99%"])
    assert judgement.verdict == says
    if says != "PASS":
        (finding,) = [f for f in judgement.findings if f.subject == "series go on"]
        assert "nothing was answered from 1 min" in finding.message


def test_a_time_without_a_unit_is_not_guessed_where_it_matters(tmp_path: Path) -> None:
    """Rows 30,000 apart are half a minute or eight hours: nobody but the user knows."""
    path = tmp_path / "memory.csv"
    path.write_text(
        "elapsed,mem_mb\n" + "".join(f"{30_000 * at},{300 + at % 3}\n" for at in range(99))
    )
    with pytest.raises(InputError, match="--time elapsed=ms or --time elapsed=s"):
        read(path)
    run = read(path, Guide(time="elapsed=ms"))
    assert run.series["mem_mb"].elapsed_s[-1] == pytest.approx(98 * 30)
    assert read(path, Guide(time="elapsed=s")).series["mem_mb"].elapsed_s[1] == 30_000
