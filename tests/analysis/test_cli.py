"""``reli-analyze`` as people and CI jobs run it: real processes, real records."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from reli_analysis.analyse import worst
from support.report_fixture import Script, write_record

if TYPE_CHECKING:
    from collections.abc import Callable

_TIMEOUT_S = 60
_OUR_OWN = {"COLUMNS", "FORCE_COLOR", "NO_COLOR", "RELI_TRACEBACK"}
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in _OUR_OWN}
_COMMAND = (sys.executable, "-m", "reli_analysis")

Result = subprocess.CompletedProcess[str]


def _run(*arguments: str | Path, command: tuple[str, ...] = _COMMAND, **env: str) -> Result:
    return subprocess.run(
        [*command, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
        env={**_ENVIRONMENT, **env},
    )


def _one_sentence(result: Result) -> str:
    """Standard error as a single line without a traceback."""
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    return lines[0]


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Records by the verdict that they get."""
    parent = tmp_path_factory.mktemp("runs")
    scripts = {
        "PASS": Script(),
        "FAIL": Script(budgets=("p95 < 1ms", "error_ratio < 1%")),
        "INCONCLUSIVE": Script(budgets=("p95 < 250ms", "no leak in rss")),
        "INVALID": Script(generator_cpu_cores=1.0, budgets=("p95 < 1ms",)),
    }
    made = {name: write_record(parent / name, script) for name, script in scripts.items()}
    return made.__getitem__


@pytest.mark.parametrize(
    ("verdict", "exit_code"), [("PASS", 0), ("FAIL", 1), ("INCONCLUSIVE", 3), ("INVALID", 4)]
)
def test_the_exit_code_is_the_verdict(
    records: Callable[[str], Path], verdict: str, exit_code: int
) -> None:
    """Each verdict has its own exit code, and the first word printed is the verdict."""
    result = _run(records(verdict))
    assert result.returncode == exit_code
    assert result.stdout.startswith(f"{verdict}  ")
    assert result.stderr == ""
    assert str(records(verdict)) in result.stdout


def test_several_paths_exit_with_the_worst(records: Callable[[str], Path], tmp_path: Path) -> None:
    """One document a line and path; a path that cannot be read does not hide the others."""
    gone = tmp_path / "gone"
    result = _run(records("PASS"), gone, records("INVALID"), "--format", "json")
    documents = [json.loads(line) for line in result.stdout.splitlines()]
    assert [document["verdict"] for document in documents] == ["PASS", "INVALID"]
    assert [document["exit_code"] for document in documents] == [0, 4]
    assert result.returncode == 2
    assert _one_sentence(result) == f"reli-analyze: {gone} does not exist"


def test_the_order_of_exit_codes() -> None:
    """Wrong input, INVALID, FAIL, INCONCLUSIVE, PASS: the first of these that any path had."""
    order = [2, 4, 1, 3, 0]
    for at, code in enumerate(order):
        assert worst(list(reversed(order[at:]))) == code


def test_the_analysis_needs_no_load_generator(records: Callable[[str], Path]) -> None:
    """A record is judged where neither Locust nor the runtime can be imported."""
    code = (
        "import sys\n"
        "for name in ('locust', 'gevent', 'reli'): sys.modules[name] = None\n"
        "from reli_analysis.cli import main\n"
        "main(sys.argv[1:])"
    )
    result = _run(records("PASS"), "--format", "markdown", command=(sys.executable, "-c", code))
    assert result.returncode == 0
    assert result.stdout.startswith("## ✅ PASS")


def _modules_after(*arguments: str | Path) -> set[str]:
    code = (
        "import sys\n"
        "from reli_analysis.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "finally: print(*sys.modules, file=sys.stderr)"
    )
    result = _run(*arguments, command=(sys.executable, "-c", code))
    assert result.returncode == 0
    return {name.partition(".")[0] for name in result.stderr.split()}


def test_help_is_cheap_and_ends_in_lines_to_paste() -> None:
    """--help pays for none of the libraries that an analysis needs."""
    heavy = {"numpy", "pandas", "scipy", "matplotlib", "jinja2", "rich", "yaml"}
    assert not _modules_after("--help") & heavy
    text = _run("--help").stdout
    assert text.rstrip().endswith("--step-summary")
    for meaning in ("0    PASS", "1    FAIL", "2    wrong", "3    INCONC", "4    INVALID", "130 "):
        assert meaning in text


def test_a_record_is_judged_without_the_slow_libraries(records: Callable[[str], Path]) -> None:
    """The text verdict of a record pays for numpy and rich only."""
    assert not _modules_after(records("PASS")) & {"pandas", "scipy", "matplotlib", "jinja2", "yaml"}


def test_budgets_come_from_the_record_the_line_and_a_profile(
    records: Callable[[str], Path], tmp_path: Path
) -> None:
    """--budget adds, --no-record-budgets leaves out, --profile replaces."""
    profile = tmp_path / "p.yaml"
    profile.write_text("name: x\nbudgets:\n  - p50 < 1s\n")

    def budgets(*arguments: str | Path) -> list[str]:
        result = _run(records("PASS"), *arguments, "--format", "json")
        findings = json.loads(result.stdout)["findings"]
        return [f["evidence"]["budget"] for f in findings if f["kind"] == "budget"]

    own = ["p95 < 250ms", "error_ratio < 1%"]
    added = ["--budget", "p99 < 2s", "--budget", "p95 < 250ms"]
    assert budgets() == own
    assert budgets(*added) == [*own, "p99 < 2s"]
    assert budgets("--no-record-budgets", *added) == ["p99 < 2s", "p95 < 250ms"]
    assert budgets("--profile", profile) == ["p50 < 1s"]
    assert budgets("--profile", profile, "--budget", "p99 < 2s") == ["p50 < 1s", "p99 < 2s"]


def test_a_table_on_its_own_is_judged_by_the_given_budgets(
    records: Callable[[str], Path], tmp_path: Path
) -> None:
    """The results alone, or any CSV, need no record around them."""
    results = records("PASS") / "results.csv"
    assert _run(results, "--budget", "max rss < 512MiB").returncode == 0
    table = tmp_path / "table.csv"
    table.write_text("time,depth\n" + "".join(f"{t},{t % 7}\n" for t in range(60)))
    assert _run(table, "--budget", "max depth < 5").returncode == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("binary.csv", bytes(range(256)) * 40),
        ("no-time.csv", b"a,b\nx,y\n"),
        ("one-line.csv", b"elapsed_s,p95_ms\n"),
        ("endless.csv", b"x" * 3_000_000),
    ],
)
def test_bad_input_is_one_sentence(tmp_path: Path, name: str, content: bytes) -> None:
    """What cannot be read is named in one sentence, without a traceback, and exits with 2."""
    path = tmp_path / name
    path.write_bytes(content)
    result = _run(path, "--budget", "p95 < 1s")
    assert result.returncode == 2
    assert result.stdout == ""
    assert str(path) in _one_sentence(result)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--budget", "p95 <"], "p95 <"),
        (["--budget", "p95 < 3 furlongs"], "furlongs"),
        (["--profile", "missing.yaml"], "missing.yaml cannot be read: No such file"),
        (["--profile", "."], ". cannot be read: Is a directory"),
    ],
)
def test_wrong_arguments_are_one_sentence(
    records: Callable[[str], Path], arguments: list[str], said: str
) -> None:
    """A budget or a profile that makes no sense is answered before any verdict."""
    result = _run(records("PASS"), *arguments)
    assert result.returncode == 2
    assert result.stdout == ""
    assert said in _one_sentence(result)


@pytest.mark.parametrize(
    "arguments", [[], ["x", "--format", "jsn"], ["x", "y", "--html", "z"], ["x", "--unknown"]]
)
def test_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    """Click's own complaints never look like a verdict."""
    result = _run(*arguments)
    assert result.returncode == 2
    assert "Usage:" in result.stderr
    assert "Error:" in result.stderr


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"name: x\n", "states no budgets:"),
        (b"extends: load\n", "give the resolved profile"),
        (b"- a\n", "is not a profile"),
        (b"budgets: p95\n", "must be a list of lines"),
        (b"budgets: [{a: 1}]\n", "must be a list of lines"),
        (b"a: [\n", "line 2 is not YAML"),
        (b"a: \x00\n", "is not YAML"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"#" * 1_000_001, "larger than 1 MB"),
        (b"[" * 100_000, "is not a profile"),
        (b"", "is not a profile"),
    ],
)
def test_a_profile_that_cannot_be_used_is_one_sentence(
    tmp_path: Path, content: bytes, said: str
) -> None:
    """Whatever stands in the profile's place, the sentence names the file and what is wrong."""
    from reli_analysis.errors import InputError
    from reli_analysis.profile_budgets import read_profile_budgets

    path = tmp_path / "p.yaml"
    path.write_bytes(content)
    with pytest.raises(InputError, match=re.escape(said)) as caught:
        read_profile_budgets(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_output_writes_every_file_and_says_where(
    records: Callable[[str], Path], tmp_path: Path
) -> None:
    """-o makes the directory and leaves verdict, JUnit and page whole in it; --html one page."""
    directory, page = tmp_path / "new" / "out", tmp_path / "page.html"
    nowhere: dict[str, Any] = {
        "HOME": "/nonexistent",
        "XDG_CACHE_HOME": "/proc/x",
        "XDG_CONFIG_HOME": "/proc/x",
    }
    result = _run(records("FAIL"), "-o", directory, "--html", page, **nowhere)
    assert result.returncode == 1
    names = ["junit.xml", "report.html", "verdict.json"]
    assert sorted(path.name for path in directory.iterdir()) == names
    assert json.loads((directory / "verdict.json").read_text())["exit_code"] == 1
    assert ET.parse(directory / "junit.xml").getroot().get("failures") == "1"
    assert page.read_text() == (directory / "report.html").read_text()
    written = [*(directory / name for name in ("verdict.json", "junit.xml", "report.html")), page]
    assert result.stderr.splitlines() == [f"wrote {path}" for path in written]


def test_output_of_several_paths_overwrites_none(
    records: Callable[[str], Path], tmp_path: Path
) -> None:
    """Each run gets a directory of its own, also when two have one name."""
    twin = tmp_path / "PASS"
    twin.symlink_to(records("FAIL"))
    other = tmp_path / "x" / "FAIL"
    write_record(_made(other.parent) / "FAIL", Script(length_s=60))
    result = _run(records("FAIL"), other, "-o", tmp_path / "out")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["FAIL", "FAIL-2"]
    verdicts = [
        json.loads((tmp_path / "out" / name / "verdict.json").read_text())["path"]
        for name in ("FAIL", "FAIL-2")
    ]
    assert verdicts == [str(records("FAIL")), str(other)]
    assert result.returncode == 1


def _made(path: Path) -> Path:
    path.mkdir(parents=True)
    return path


def test_an_unwritable_report_loses_no_verdict(
    records: Callable[[str], Path], tmp_path: Path
) -> None:
    """The verdict is printed all the same, the trouble is one sentence, and the exit code is 2."""
    (tmp_path / "file").write_text("")
    result = _run(records("PASS"), "-o", tmp_path / "file" / "out")
    assert result.returncode == 2
    assert result.stdout.startswith("PASS")
    assert "cannot be written" in _one_sentence(result)


def test_junit_of_several_paths_is_one_document(
    records: Callable[[str], Path], tmp_path: Path
) -> None:
    """A path that could not be read is an error there too, so no CI is green on it."""
    result = _run(records("PASS"), tmp_path / "gone", "--format", "junit")
    root = ET.fromstring(result.stdout)
    assert [suite.get("errors") for suite in root] == ["0", "1"]
    assert result.returncode == 2


def test_a_bug_is_one_line_and_no_verdict(records: Callable[[str], Path]) -> None:
    """An unexpected exception exits with 4, never 0 or 1, and the other paths are still judged."""
    code = (
        "import sys, reli_analysis.judge as j\n"
        "judge = j.judge\n"
        "j.judge = lambda run, b: judge(run, b) if 'PASS' in str(run.path) else 1 / 0\n"
        "from reli_analysis.cli import main\n"
        "main(sys.argv[1:])"
    )
    command = (sys.executable, "-c", code)
    result = _run(records("FAIL"), records("PASS"), command=command)
    assert result.returncode == 4
    assert result.stdout.startswith("PASS")
    sentence = _one_sentence(result)
    assert "internal error" in sentence
    assert "ZeroDivisionError" in sentence
    assert "RELI_TRACEBACK=1" in sentence
    traced = _run(records("FAIL"), command=command, RELI_TRACEBACK="1")
    assert traced.returncode == 4
    assert "Traceback" in traced.stderr


def test_a_reader_that_goes_away_changes_nothing(records: Callable[[str], Path]) -> None:
    """With | head the exit code is still the verdict's, and standard error stays empty."""
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.run(
        [*_COMMAND, str(records("FAIL"))],
        stdout=writing,
        stderr=subprocess.PIPE,
        timeout=_TIMEOUT_S,
        check=False,
    )
    os.close(writing)
    assert process.returncode == 1
    assert process.stderr == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_under_standard_output_is_no_pass(records: Callable[[str], Path]) -> None:
    """A verdict that could not be delivered does not exit like one that was."""
    with Path("/dev/full").open("w") as full:
        process = subprocess.run(
            [*_COMMAND, str(records("PASS"))],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    assert process.returncode == 2
    assert "standard output cannot be written" in process.stderr
    assert "Traceback" not in process.stderr


def test_ctrl_c_exits_with_130(records: Callable[[str], Path], tmp_path: Path) -> None:
    """An interrupted analysis is neither a verdict nor a traceback."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    process = subprocess.Popen(
        [*_COMMAND, str(records("PASS")), "--profile", str(fifo)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with fifo.open("wb"):  # returns once the command has opened the other end and waits for bytes
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=_TIMEOUT_S)
    assert process.returncode == 130
    assert (stdout, stderr.strip()) == ("", "reli-analyze: interrupted")


def test_hostile_paths_are_shown_without_their_escapes(tmp_path: Path) -> None:
    """A path that holds escape sequences, or is not UTF-8, cannot paint the terminal."""
    hostile = tmp_path / os.fsdecode(b"x\x1b[31m\x07<b>\xff.csv")
    missing = _run(hostile)
    assert missing.returncode == 2
    assert "\x1b" not in missing.stderr
    hostile.write_text("time,depth\n" + "".join(f"{t},{t % 7}\n" for t in range(60)))
    for format_ in ("text", "json", "junit", "markdown"):
        result = _run(hostile, "--format", format_, "--budget", "max depth < 9")
        assert result.returncode == 0
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", result.stdout + result.stderr)


def _on_a_terminal(*arguments: str | Path, **env: str) -> str:
    """What the command prints to a terminal of 80 columns."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*_COMMAND, *map(str, arguments)],
        stdout=theirs,
        env={**_ENVIRONMENT, "COLUMNS": "80", "TERM": "xterm", "PYTHONIOENCODING": "utf-8", **env},
    )
    os.close(theirs)
    seen = b""
    while chunk := _read(ours):
        seen += chunk
    os.close(ours)
    assert process.wait(_TIMEOUT_S) == 0
    return seen.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux answers so when the other end is closed
        return b""


def test_a_terminal_has_colour_unless_it_is_not_wanted(records: Callable[[str], Path]) -> None:
    """The verdict is coloured at a terminal; NO_COLOR and TERM=dumb are honoured."""
    assert _on_a_terminal(records("PASS")).startswith("\x1b[1;32mPASS\x1b[0m")
    assert "\x1b" not in _on_a_terminal(records("PASS"), NO_COLOR="1")
    assert "\x1b" not in _on_a_terminal(records("PASS"), TERM="dumb")


def test_colour_can_be_asked_for_behind_a_pipe(records: Callable[[str], Path]) -> None:
    """A program that passes our output on to its terminal sets FORCE_COLOR; NO_COLOR wins."""
    forced: dict[str, Any] = {"FORCE_COLOR": "1", "TERM": "xterm"}
    assert _run(records("PASS"), **forced).stdout.startswith("\x1b[1;32mPASS")
    forced["NO_COLOR"] = "1"
    assert _run(records("PASS"), **forced).stdout.startswith("PASS")


def test_an_output_without_unicode_gets_what_it_can_show(records: Callable[[str], Path]) -> None:
    """A log in ASCII gets a whole report, not an encoding error."""
    result = _run(records("PASS"), "--format", "markdown", PYTHONIOENCODING="ascii")
    assert result.returncode == 0
    assert result.stdout.isascii()
    assert "PASS" in result.stdout.splitlines()[0]
