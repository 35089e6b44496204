"""``reli-analyze compare`` as people and CI jobs run it: real processes, real records."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from subprocess import run
from xml.etree import ElementTree as ET

import pytest

from support.repeated import HOST, Repeat, analyze, ask, document, row_of, several


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four of a base, of the same again and of a slower one, and runs that went wrong."""
    parent = tmp_path_factory.mktemp("runs")
    several(parent, "base", 4, 0)
    several(parent, "same", 4, 100)
    several(parent, "slow", 4, 200, level=1.1)
    for repeat in (
        Repeat("failing", seed=9, error_ratio=0.4),
        Repeat("short", seed=9, steady_s=40),
        Repeat("elsewhere", seed=9, info={"host": {**HOST, "cores": 8}}),
        Repeat("scaled", seed=9, info={"time_scale": 0.5}),
        Repeat("other", seed=9, info={"profile": {"model": "closed", "pace_per_s": 3.0}}),
        Repeat("upgraded", seed=9, info={"versions": {"reli": "0.1.0", "locust": "2.50"}}),
        Repeat("lesser", seed=9, endpoints=(("GET", "/a"),)),
        Repeat("saturated", seed=9, columns={"generator_cpu_cores": 1.0}),
        Repeat("tiny", seed=9, requests_per_s=2),
    ):
        repeat.write(parent)
    return parent


def test_a_slower_candidate_is_regressed(runs: Path) -> None:
    """Four of each find p95 that is 10 % slower: exit 1, REGRESSED first, effect with interval."""
    told = document("compare", "--base", *runs.glob("base-*"), "--candidate", *runs.glob("slow-*"))
    assert (told["verdict"], told["exit_code"]) == ("REGRESSED", 1)
    for endpoint in (None, "GET /a", "GET /b"):
        row = row_of(told, "p95", endpoint)
        assert row["verdict"] == "REGRESSED"
        effect = row["relative_change"]
        assert 0 < effect["low"] < effect["estimate"] < effect["high"]
        assert effect["low"] < 0.1 < effect["high"]
    assert row_of(told, "throughput")["verdict"] == "PASS"
    assert told["noise"]["measured"]


def test_the_other_way_round_it_is_improved(runs: Path) -> None:
    """What got faster is IMPROVED, and nothing of it fails a gate."""
    told = document("compare", "--base", *runs.glob("slow-*"), "--candidate", *runs.glob("base-*"))
    assert row_of(told, "p95")["verdict"] == "IMPROVED"
    assert "REGRESSED" not in {row["verdict"] for row in told["rows"]}


def test_the_same_again_is_no_change(runs: Path) -> None:
    """Repeats of the same thing are never REGRESSED, and what could be shown equal is PASS."""
    told = document("compare", "--base", *runs.glob("base-*"), "--candidate", *runs.glob("same-*"))
    assert told["verdict"] in {"PASS", "INCONCLUSIVE"}
    assert row_of(told, "p50")["verdict"] == "PASS"
    assert row_of(told, "rss")["verdict"] == "PASS"


def test_one_of_each_says_how_many_would_tell(runs: Path) -> None:
    """One run of each cannot know how runs differ: INCONCLUSIVE with the number that would tell."""
    result = analyze("compare", runs / "base-0", runs / "slow-0")
    assert result.returncode == 3
    assert result.stdout.startswith("INCONCLUSIVE  slow-0 against base-0")
    assert "between runs assumed" in result.stdout
    told = document("compare", runs / "base-0", runs / "slow-0")
    row = row_of(told, "p95")
    assert 3 <= row["runs_needed_of_each"] <= 100
    assert f"{row['runs_needed_of_each']} runs of each would tell" in row["message"]
    assert row["runs_needed_of_each"] <= told["runs_needed_of_each"]
    assert not told["noise"]["measured"]


def test_errors_from_nothing_are_regressed(runs: Path) -> None:
    """A base of 0 errors hides nothing: 40 % of failures are REGRESSED with one run of each."""
    told = document("compare", runs / "base-0", runs / "failing")
    assert told["verdict"] == "REGRESSED"
    row = row_of(told, "error_ratio")
    assert row["verdict"] == "REGRESSED"
    assert row["relative_change"] is None
    assert row["change"]["estimate"] == pytest.approx(0.2, abs=0.21)


def test_known_noise_and_wide_floors_pass(runs: Path) -> None:
    """Who knows the noise, and asks for no more than 10 %, gets PASS from one run of each."""
    told = document(
        "compare", runs / "base-0", runs / "same-0",
        "--run-noise", "1%", "--metric", "p50", "--floor", "p50=10%",
    )  # fmt: skip
    assert told["verdict"] == "PASS"
    assert {row["metric"] for row in told["rows"]} == {"p50"}


@pytest.mark.parametrize(
    ("other", "name", "said"),
    [
        ("elsewhere", "host", "cores is 4 and 8"),
        ("scaled", "time-scale", "1 and 0.5"),
        ("other", "profile", "pace_per_s"),
        ("short", "duration", "1 min 40 s and 40 s"),
        ("saturated", "checks", "saturated is INVALID"),
    ],
)
def test_what_differs_is_refused_until_allowed(
    runs: Path, other: str, name: str, said: str
) -> None:
    """Runs of different things are INVALID with the reason; --allow of that name makes it a warning."""
    told = document("compare", runs / "base-0", runs / other)
    assert (told["verdict"], told["exit_code"]) == ("INVALID", 4)
    assert any(d["name"] == name and said in d["message"] for d in told["refusals"])
    allowed = document("compare", runs / "base-0", runs / other, "--allow", name)
    assert not [d for d in allowed["refusals"] if d["name"] == name]
    assert any(d["name"] == name for d in allowed["warnings"])


def test_other_versions_are_a_warning(runs: Path) -> None:
    """Another Locust may measure otherwise: that is said, and compared all the same."""
    told = document("compare", runs / "base-0", runs / "upgraded")
    assert any("locust 2.47 and 2.50" in d["message"] for d in told["warnings"])
    assert not told["refusals"]


def test_an_endpoint_that_is_gone_is_told(runs: Path) -> None:
    """An endpoint that the candidate never asked for leaves the comparison open."""
    told = document("compare", runs / "base-0", runs / "lesser")
    (row,) = [row for row in told["rows"] if row["endpoint"] == "GET /b"]
    assert row["verdict"] == "INCONCLUSIVE"
    assert "in the base only" in row["message"]
    allowed = document("compare", runs / "base-0", runs / "lesser", "--allow", "endpoints")
    assert any("GET /b is in the base only" in note for note in allowed["notes"])


def test_too_few_requests_never_pass(runs: Path) -> None:
    """A p99 of two hundred requests is no p99: INCONCLUSIVE, with the number that it needs."""
    told = document("compare", runs / "base-0", runs / "tiny")
    row = row_of(told, "p99")
    assert row["verdict"] == "INCONCLUSIVE"
    assert "1,000" in row["message"]
    assert row["base"] is None


def test_no_data_is_no_pass(tmp_path: Path) -> None:
    """Records that lost their latencies are INCONCLUSIVE, whatever the rest says."""
    gone = [Repeat(name, seed=at).write(tmp_path) for at, name in enumerate(("one", "two"))]
    for record in gone:
        (record / "latency.hlog").unlink()
    told = document("compare", *gone, "--metric", "p95")
    assert told["verdict"] == "INCONCLUSIVE"
    assert "no data is no PASS" in row_of(told, "p95")["message"]


def test_turns_are_recommended(runs: Path) -> None:
    """One side run wholly before the other is a warning: time itself may be the change."""
    base, slow = sorted(runs.glob("base-*"))[:2], sorted(runs.glob("slow-*"))[2:]
    told = document("compare", "--base", *base, "--candidate", *slow)
    assert any("take turns" in d["message"] for d in told["warnings"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "there is no BASE"),
        (("base-0",), "takes one BASE and one CANDIDATE"),
        (("base-0", "base-1", "base-2"), "--base A B C --candidate D E F"),
        (("--base", "base-0"), "there is no CANDIDATE"),
        (("base-0", "base-1", "--base", "base-2"), "by --base and --candidate"),
        (("base-0", "gone"), "gone does not exist"),
        (("base-0", "base-0"), "given twice"),
        (("base-0", "base-1", "--metric", "p96"), 'unknown metric "p96"'),
        (("base-0", "base-1", "--endpoint", "GET /c"), "nearest: GET /b, GET /a"),
        (("base-0", "base-1", "--floor", "p95"), "p95=5%,2ms"),
        (("base-0", "base-1", "--floor", "p95=3MiB"), "is in ms"),
        (("base-0", "base-1", "--floor", "p95=-1%"), "is negative"),
        (("base-0", "base-1", "--run-noise", "300%"), "from 0% to 100%"),
        (("base-0", "base-1", "--allow", "everything"), "everything"),
        (("base-0", "base-1", "--html", "/proc/none/x.html"), "cannot be written"),
    ],
)
def test_wrong_usage_is_one_sentence(
    runs: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    """Wrong words and paths exit with 2 and say what would be right, without a traceback."""
    monkeypatch.chdir(runs)
    result = ask("compare", *words)
    assert result.returncode == 2
    assert said in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.stderr


def test_every_report_is_written(runs: Path, tmp_path: Path) -> None:
    """-o writes the JSON, a JUnit with a failure a row that regressed, and a page of one file."""
    base, slow = runs.glob("base-*"), runs.glob("slow-*")
    result = analyze(
        "compare", "--base", *base, "--candidate", *slow, "-o", tmp_path, "--format", "markdown"
    )
    assert result.stdout.startswith("## ❌ REGRESSED: 4 runs against 4 runs")
    assert json.loads((tmp_path / "compare.json").read_text())["verdict"] == "REGRESSED"
    root = ET.parse(tmp_path / "junit.xml").getroot()
    failed = {
        case.get("name") for case in root.iter("testcase") if case.find("failure") is not None
    }
    assert "p95 of GET /a" in failed
    page = (tmp_path / "compare.html").read_text()
    assert "<h1>4 runs against 4 runs</h1>" in page
    assert "http://" not in page
    assert "https://" not in page


def test_a_path_of_the_commands_name_is_reached(tmp_path: Path) -> None:
    """./compare is a path; compare is the command, even where a directory has its name."""
    Repeat("compare", seed=3).write(tmp_path)
    judged = analyze("./compare", "--budget", "p95 < 250ms", cwd=tmp_path)
    assert (judged.returncode, judged.stdout.split()[0]) == (0, "PASS")
    assert analyze("compare", cwd=tmp_path).returncode == 2


@pytest.mark.parametrize("word", ["compare", "history"])
def test_help_answers_without_numpy(word: str) -> None:
    """--help imports nothing that takes long, and names every exit code."""
    code = (
        "import sys\n"
        "from reli_analysis.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "finally: print(*sys.modules, file=sys.stderr)"
    )
    result = run(
        [sys.executable, "-c", code, word, "--help"], capture_output=True, text=True, check=True
    )
    assert not {"numpy", "scipy", "pandas", "jinja2", "rich"} & set(result.stderr.split())
    assert f"Usage: reli-analyze {word}" in result.stdout
    assert "INCONCLUSIVE" in result.stdout


def test_the_analysis_alone_compares(runs: Path) -> None:
    """Neither Locust nor the runtime is needed."""
    code = (
        "import sys\n"
        "for name in ('locust', 'gevent', 'reli'): sys.modules[name] = None\n"
        "from reli_analysis.cli import main\n"
        "main(sys.argv[1:])"
    )
    words = ["compare", str(runs / "base-0"), str(runs / "same-0")]
    result = run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)
    assert result.returncode == 3, result.stderr
