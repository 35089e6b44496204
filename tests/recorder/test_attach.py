"""A target joins a record that is running; what is found in its directory is not trusted."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from reli.recorder.attach import (
    DIRECTORY,
    Requests,
    as_target,
    ask,
    take_answer,
)
from reli.targets import MOST_TARGETS
from reli_analysis.errors import InputError
from reli_analysis.record import read_run_info
from reli_analysis.record.layout import EVENTS_CSV, RESOURCES_CSV
from support.recorders import Start


def _requests(record: Path) -> tuple[Requests, list[str]]:
    """The recorder's side, and what it was asked to add."""
    added: list[str] = []
    return Requests(record, added.append), added


def test_a_request_is_met_and_answered_once(tmp_path: Path) -> None:
    """The target is added, the asker learns of it, and nothing is left behind."""
    requests, added = _requests(tmp_path)
    assert requests.look([]) == []
    answer = ask(tmp_path, "pid:1")
    assert take_answer(answer) is None
    assert requests.look(["self"]) == ["pid:1"]
    assert added == ["pid:1"]
    assert take_answer(answer) == ""
    assert requests.look(["self", "pid:1"]) == []
    requests.close()
    assert not (tmp_path / DIRECTORY).exists()


def test_many_requests_at_once_are_all_met(tmp_path: Path) -> None:
    """Some a look, so that a sample is not late for them."""
    requests, added = _requests(tmp_path)
    answers = [ask(tmp_path, f"pid:{pid}") for pid in range(1, 51)]
    for _ in range(5):
        requests.look(list(added))
    assert sorted(added) == sorted(f"pid:{pid}" for pid in range(1, 51))
    assert [take_answer(answer) for answer in answers] == [""] * 50


@pytest.mark.parametrize(
    ("target", "known", "sentence"),
    [
        ("pid:x", (), "needs a process id"),
        ("banana:1", (), "known:"),
        ("pid:1", ("pid:1",), "sampled already"),
        ("pid:1", tuple(f"pid:{n}" for n in range(2, MOST_TARGETS + 2)), "as many as it may have"),
        ("pid:1\n", (), "names no target"),
        ("x" * 3000, (), "names no target"),
        (17, (), "names no target"),
    ],
)
def test_what_cannot_be_added_is_answered_in_one_sentence(
    tmp_path: Path, target: object, known: tuple[str, ...], sentence: str
) -> None:
    """The record goes on as it was."""
    requests, added = _requests(tmp_path)
    answer = ask(tmp_path, target)  # type: ignore[arg-type] # a request of somebody else's making
    assert requests.look(known) == []
    assert sentence in (take_answer(answer) or "")
    assert added == []


def test_a_target_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    """Why is told to who asked, not raised in the recorder."""

    def refuse(text: str) -> None:
        raise InputError(f"{text} is out of reach")

    requests = Requests(tmp_path, refuse)
    answer = ask(tmp_path, "pid:1")
    assert requests.look([]) == []
    assert take_answer(answer) == "pid:1 is out of reach"


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"[]", b'"pid:1"', b"{", b'{"target": {}}', b"[" * 3000]
)
def test_a_file_that_is_no_request_is_taken_away(tmp_path: Path, content: bytes) -> None:
    """Whatever lies there, it is looked at once."""
    (tmp_path / DIRECTORY).mkdir()
    path = tmp_path / DIRECTORY / "1.request"
    path.write_bytes(content)
    requests, added = _requests(tmp_path)
    assert requests.look([]) == []
    assert added == []
    assert not path.exists()


def test_links_pipes_and_huge_files_are_not_read(tmp_path: Path) -> None:
    """Nothing but a small regular file is a request, and none of them holds the recorder up."""
    directory = tmp_path / DIRECTORY
    directory.mkdir()
    secret = tmp_path / "elsewhere"
    secret.write_text(json.dumps({"target": "pid:1"}))
    (directory / "link.request").symlink_to(secret)
    os.mkfifo(directory / "pipe.request")
    (directory / "directory.request").mkdir()
    with (directory / "huge.request").open("wb") as file:
        file.truncate(10**12)
    requests, added = _requests(tmp_path)
    for _ in range(3):
        assert requests.look([]) == []
    assert added == []
    assert secret.exists()
    left = {path.name for path in directory.glob("*.request")}
    assert left == {"directory.request"}, "a directory is no file of ours to take away"


def test_a_bare_number_is_a_process_id() -> None:
    """Anything else is left as it is."""
    assert as_target("1234") == "pid:1234"
    assert as_target("name:1234") == "name:1234"
    assert as_target("١٢") == "١٢", "digits of other scripts are no pid"


def test_an_answer_that_is_no_answer_is_a_refusal(tmp_path: Path) -> None:
    """Who asked is not left to wait."""
    path = tmp_path / "1.answer"
    path.write_text("nonsense")
    assert take_answer(path) == "its answer cannot be read"


def test_a_running_record_samples_what_joins_it(tmp_path: Path, recorders: Start) -> None:
    """Rows, an event and run.json have it from then on."""
    recorder = recorders(tmp_path)
    recorder.wait_for_rows(RESOURCES_CSV, 2)
    with subprocess.Popen(["sleep", "60"]) as target:
        text = f"pid:{target.pid}"
        answer = ask(recorder.directory, text)
        recorder.wait_until(lambda: take_answer(answer) == "", "the request is met")
        recorder.wait_until(
            lambda: text in recorder.table(RESOURCES_CSV).columns["source"], "it is sampled"
        )
        target.kill()
    assert read_run_info(recorder.directory).targets == ("self", text)
    events = recorder.table(EVENTS_CSV).columns
    assert ("attached", text) in zip(events["kind"], events["subject"], strict=True)
