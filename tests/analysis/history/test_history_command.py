"""``reli-analyze history`` over directories of records whose truth is known."""

from __future__ import annotations

import csv
import json
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from reli_analysis.levels import NAMES, levels_of
from reli_analysis.readers import read
from support.repeated import Repeat, analyze, ask, document
from support.report_fixture import HOSTILE

_DAY_S = 86400.0


def _run(parent: Path, profile: str, at: int, **fields: Any) -> Path:
    """One of several daily runs of a profile."""
    info = {"profile_name": profile, "budgets": ("p95 < 100ms",), **fields.pop("info", {})}
    name = f"{profile}-{at:02}"
    fields = {"at_s": at * _DAY_S, "steady_s": 40, "noise": 0.03} | fields
    return Repeat(name, seed=at, info=info, **fields).write(parent)


def _level(told: dict[str, Any], group: str, name: str) -> dict[str, Any]:
    (own,) = [one for one in told["groups"] if one["name"] == group]
    (level,) = [one for one in own["levels"] if one["name"] == name]
    return dict(level)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A profile that creeps by 9 % a run, one that stepped up with a version, one that is steady."""
    parent = tmp_path_factory.mktemp("runs")
    for at in range(10):
        _run(parent / "creeping", "creep", at, level=1.09**at)
        newer = {"versions": {"reli": "0.1.0", "target": "1.5" if at >= 6 else "1.4"}}
        _run(parent, "step", at, level=1.4 if at >= 6 else 1.0, info=newer)
        _run(parent, "flat", at)
    return parent


def test_what_creeps_is_found(runs: Path) -> None:
    """+9 % a run is REGRESSED, though no two runs differ by 10 %; the interval holds the truth."""
    told = document("history", runs)
    assert (told["verdict"], told["exit_code"]) == ("REGRESSED", 1)
    level = _level(told, "creep", "p95_ms")
    assert level["verdict"] == "REGRESSED"
    assert level["trend"]["low_per_run"] < 0.09 < level["trend"]["high_per_run"]
    assert not level["changes"]
    assert _level(told, "creep", "rss_bytes")["verdict"] == "PASS"


def test_a_step_is_found_with_what_changed(runs: Path) -> None:
    """A level that stepped up and stayed is told with its run and the version that came with it."""
    level = _level(document("history", runs, "--profile", "step"), "step", "p95_ms")
    (change,) = level["changes"]
    assert change["run"] == "step-06"
    assert change["because"] == "target 1.4 → 1.5"
    assert level["verdict"] == "REGRESSED"


def test_steady_runs_pass(runs: Path) -> None:
    """Nothing creeps in repeats of the same thing: PASS, and the creep that is left possible."""
    told = document("history", runs, "--profile", "flat")
    assert (told["verdict"], told["exit_code"]) == ("PASS", 0)
    assert "nothing creeps by more than" in _level(told, "flat", "p95_ms")["message"]


def test_a_step_of_long_ago_is_no_longer_seen(runs: Path) -> None:
    """--last looks at the last runs alone; too few of them say nothing."""
    told = document("history", runs, "--profile", "step", "--last", "4")
    assert told["verdict"] == "INCONCLUSIVE"
    assert told["earlier_runs"] == 6
    assert "too few for a trend" in _level(told, "step", "p95_ms")["message"]


def test_the_verdict_that_is_there_is_read(tmp_path: Path) -> None:
    """A verdict.json with levels spares the record, of which the rest may be gone."""
    for at in range(7):
        record = _run(tmp_path, "told", at)
        levels = levels_of(read(record)) | {"p95_ms": 20.0 * 1.2**at}
        findings = [{"id": "budget-p95", "verdict": "PASS"}]
        verdict = {"verdict": "PASS", "levels": levels, "findings": findings}
        (record / "verdict.json").write_text(json.dumps(verdict))
        (record / "latency.hlog").unlink()
    level = _level(document("history", tmp_path), "told", "p95_ms")
    assert level["verdict"] == "REGRESSED"
    assert level["trend"]["per_run"] == pytest.approx(0.2)


def test_a_verdict_that_cannot_be_read_is_made_again(tmp_path: Path) -> None:
    """A verdict.json of whatever else, however deep, leaves the record to tell."""
    for at, text in enumerate(("{", "[1]", '{"levels": 1}', "[" * 100_000)):
        (_run(tmp_path, "broken", at) / "verdict.json").write_text(text)
    assert _level(document("history", tmp_path), "broken", "p95_ms")["message"]


def test_flaky_verdicts_and_missing_runs_are_told(tmp_path: Path) -> None:
    """The same setup that flips is flaky; a setup that changed, or one flip, is not."""
    for at in range(8):
        record = _run(tmp_path, "flip", at if at < 5 else at + 4)
        word = "FAIL" if at % 3 == 1 else "PASS"
        findings = [{"id": "budget-p95", "verdict": word}, {"id": "clock", "verdict": "PASS"}]
        levels = dict.fromkeys(NAMES, 1.0)
        verdict = {"verdict": word, "levels": levels, "findings": findings}
        (record / "verdict.json").write_text(json.dumps(verdict))
    (group,) = document("history", tmp_path)["groups"]
    flaky, of_finding, missing = group["warnings"]
    assert "runs of the same setup flipped 5 times" in flaky
    assert of_finding.startswith("budget-p95")
    assert "about 4 runs are missing between flip-04 and flip-09" in missing


def test_a_level_that_is_no_longer_measured_is_no_pass(tmp_path: Path) -> None:
    """When the last run did not measure a level, the others cannot pass for it."""
    for at in range(8):
        _run(tmp_path, "gone", at, columns={"rss_bytes": None} if at == 7 else {})
    level = _level(document("history", tmp_path), "gone", "rss_bytes")
    assert level["verdict"] == "INCONCLUSIVE"
    assert "measured last in gone-06" in level["message"]


def test_runs_that_cannot_be_believed_do_not_count(tmp_path: Path) -> None:
    """INVALID runs are named and left out; a record that cannot be read is named."""
    for at in range(7):
        busy = {"generator_cpu_cores": 1.0} if at == 3 else {}
        _run(tmp_path, "own", at, columns=busy, level=9.0 if at == 3 else 1.0)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "run.json").write_text("{")
    told = document("history", tmp_path)
    (group,) = told["groups"]
    assert group["left_out"] == ["own-03"]
    assert len(group["runs"]) == 6
    (unread,) = told["unread"]
    assert "is not JSON" in unread["message"]
    assert told["verdict"] != "REGRESSED"


def test_the_document_keeps_its_schema(runs: Path) -> None:
    """The JSON report holds what history.schema.json promises, and nothing else."""
    schema = json.loads(files("reli_analysis.report").joinpath("history.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(document("history", runs), schema)


def test_otava_gets_numbers_only(runs: Path, tmp_path: Path) -> None:
    """The export has a time, attributes and a number in every cell; one profile at a time."""
    several = ask("history", runs, "--otava", tmp_path / "all.csv")
    assert several.returncode == 2
    assert "choose by --profile one of: creep, flat, step" in several.stderr
    target = tmp_path / "creep.csv"
    assert ask("history", runs, "--profile", "creep", "--otava", target).returncode == 1
    with target.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0])[:4] == ["time", "run", "verdict", "version"]
    assert [row["run"] for row in rows] == [f"creep-{at:02}" for at in range(10)]
    assert rows[0]["time"].endswith(" +0000")
    assert all(float(row[name]) >= 0 for row in rows for name in NAMES)


def test_hostile_names_stay_names(tmp_path: Path) -> None:
    """Names in records do nothing in the page, in Markdown, in JUnit and in a spreadsheet."""
    name = HOSTILE.replace("\x00", "")
    for at in range(6):
        info = {"profile_name": name, "run_id": f"=cmd{name}", "versions": {name: str(at)}}
        _run(tmp_path / "runs", "x", at, info=info)
    page = tmp_path / "page.html"
    result = ask(
        "history", tmp_path / "runs", "--format", "markdown", "--html", page,
        "--otava", tmp_path / "otava.csv", "-o", tmp_path,
    )  # fmt: skip
    assert "<script>" not in result.stdout
    assert "<script>alert" not in page.read_text()
    assert "\x1b" not in result.stdout + page.read_text()
    ET.parse(tmp_path / "junit.xml")
    with (tmp_path / "otava.csv").open(newline="") as file:
        assert all(row["run"].startswith("'=cmd") for row in csv.DictReader(file))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Missing argument 'DIR...'"),
        (("gone",), "gone does not exist"),
        (("empty",), "there is no run record"),
        (("empty/file",), "is not a directory"),
        (("bad",), "none of 1 run records can be read"),
        (("bad", "--last", "1"), "1 is not in the range"),
        (("bad", "--floor", "5"), "must be a share"),
    ],
)
def test_wrong_usage_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    """Wrong words and paths exit with 2 and say what would be right."""
    for name in ("empty", "bad"):
        (tmp_path / name).mkdir()
    (tmp_path / "empty" / "file").touch()
    (tmp_path / "bad" / "run.json").write_text("[]")
    monkeypatch.chdir(tmp_path)
    result = ask("history", *words)
    assert result.returncode == 2
    assert said in result.stderr.splitlines()[-1]


def test_the_command_runs_on_its_own(runs: Path) -> None:
    """As a process: the verdict is the first word, and the reason stands below it."""
    result = analyze("history", runs, "--profile", "creep")
    assert result.returncode == 1, result.stderr
    assert result.stdout.startswith("REGRESSED  10 runs of creep")
    assert "it creeps, from" in " ".join(result.stdout.split())
