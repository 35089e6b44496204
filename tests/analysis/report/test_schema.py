"""The published JSON Schema says what verdict.json really is."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from reli_analysis.judge import judge
from reli_analysis.readers import read
from reli_analysis.report.json_report import FORMAT_VERSION, document, schema
from reli_analysis.series import Run
from support import synthetic
from support.report_fixture import (
    FAILED,
    INCONCLUSIVE,
    PASSED,
    Script,
    hostile_judgement,
    judged,
    make_run,
    write_record,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reli_analysis.judgement import Judgement

SCHEMA = json.loads(schema())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

BUDGETS = [
    "p95 < 250ms", 'p99 of "SPAN simple" < 1s', "error_ratio < 1%", "throughput > 50/s",
    "availability > 99%", "max rss < 512MiB", "growth rss < 50MiB", "no leak in rss, fds",
    "no drift in p95", "p95 < 400ms over 30s",
]  # fmt: skip


def _of_a_record(home: Path) -> Judgement:
    return judge(read(write_record(home / "run", Script(leak_mib_per_h=400))), BUDGETS)


def _of_the_open_model(home: Path) -> Judgement:
    script = synthetic.Script(
        open_model=synthetic.OpenModel(),
        trees=(synthetic.Tree("name:redis", ((0, 29), (33, 69))),),
        published={("prometheus:x", "m_bytes"): float},
    )
    return judge(read(synthetic.write(home / "run", script).path), ["service_p95 < 5ms"])


def _of_a_table(home: Path) -> Judgement:
    path = home / "t.csv"
    path.write_text("time,depth\n0,1\n1,2\n")
    return judge(read(path), ["max depth < 3"])


def _scripted(home: Path) -> Judgement:
    return judged(make_run(home), [*PASSED, FAILED, INCONCLUSIVE], ("Run longer.",))


def _of_nothing(home: Path) -> Judgement:
    return judge(Run("t", home, {}), [])


@pytest.mark.parametrize(
    "made",
    [_of_a_record, _of_the_open_model, _of_a_table, _scripted, hostile_judgement, _of_nothing],
)
def test_what_is_written_keeps_to_the_schema(
    made: Callable[[Path], Judgement], tmp_path: Path
) -> None:
    """Records, tables, hostile names, nothing at all: every document is what was published."""
    written = json.loads(json.dumps(document(made(tmp_path)), allow_nan=False))
    errors = [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(written)]
    assert errors == []


def test_the_schema_notices_what_is_not_described(tmp_path: Path) -> None:
    """A field more, a field less or a verdict that does not exist is no verdict.json."""
    right: dict[str, Any] = json.loads(json.dumps(document(_scripted(tmp_path))))
    assert VALIDATOR.is_valid(right)
    changes: list[Callable[[dict[str, Any]], Any]] = [
        lambda d: d.update(surprise=1),
        lambda d: d.pop("advice"),
        lambda d: d["run"].update(surprise=1),
        lambda d: d["findings"][0].pop("unit"),
        lambda d: d["findings"][0].update(verdict="MAYBE"),
        lambda d: d.update(format_version=FORMAT_VERSION + 1),
    ]
    for change in changes:
        wrong = copy.deepcopy(right)
        change(wrong)
        assert not VALIDATOR.is_valid(wrong)


def test_the_schema_is_one_and_of_this_version() -> None:
    """It is valid itself, names this version, and says what each field of a finding is."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["format_version"]["const"] == FORMAT_VERSION
    fields = SCHEMA["properties"]["findings"]["items"]["properties"]
    assert all("description" in field or "$ref" in field for field in fields.values())


def test_the_command_prints_the_schema() -> None:
    """Whoever has the command has the schema, without a path and without a run."""
    printed = subprocess.run(
        [sys.executable, "-m", "reli_analysis", "--schema"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert json.loads(printed.stdout) == SCHEMA
    assert printed.stderr == ""
