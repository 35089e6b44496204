"""A list of requests is taken whole, or refused with everything that is wrong with it."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reli.http.request_file import check_requests, load_requests
from reli_analysis.errors import InputError, ReliError

ROOT = Path(__file__).parents[2]


def _refused(text: str, tmp_path: Path) -> list[str]:
    path = tmp_path / "requests.yaml"
    path.write_text(text)
    with pytest.raises(ReliError) as raised:
        load_requests(path)
    return str(raised.value).replace(f"{path}:", "").splitlines()


def test_the_sample_is_taken() -> None:
    """Each key of a request does what its comment says."""
    first, search, missing, order = load_requests(ROOT / "locustfiles" / "requests.yaml")
    assert (first.method, first.path, first.name, first.weight) == ("GET", "/", "/", 10)
    assert (search.name, search.headers) == ("/search", {"Accept": "application/json"})
    assert missing.expect == (404,)
    assert (order.method, order.data) == ("POST", b'{"item": 3, "amount": 1}')
    assert order.headers["Content-Type"] == "application/json"


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    """With its line, and what would be right."""
    text = """requests:
  - gte: /
  - get: foo
    post: /x
    json: {a: 1}
    body: text
    headers: {"a b": c}
  - get: /
    weight: 0
    expect: [20]
    name: ""
extra: 1
"""
    lines = _refused(text, tmp_path)
    assert [line.split(":")[0] for line in lines] == ["2", "2", "3", "3", "3", "7", "9", "10", "11", "12"]  # fmt: skip
    whole = "\n".join(lines)
    for part in ('did you mean "get"', "write for example /orders", "get and post", "both json",
                 "header name", "whole number from 1", "[200, 404]", "text of one line"):  # fmt: skip
        assert part in whole, part


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", 'at least "requests"'),
        ("- get: /", "not a list of requests"),
        ("requests: []", "is empty"),
        ("requests: /", "must be a list"),
        ("requests: [/]", "must be a mapping"),
        ("requests: [{get: }]", "has no value"),
        ("{", "is not YAML"),
        ("other: 1", "is missing"),
    ],
)
def test_a_file_that_is_no_list_is_one_sentence(text: str, says: str, tmp_path: Path) -> None:
    """Whatever it is instead."""
    assert says in "\n".join(_refused(text, tmp_path))


def test_a_list_in_a_locustfile_is_checked_in_the_same_way() -> None:
    """Without lines, because it has none."""
    (ask,) = check_requests([{"put": "/a", "body": "text", "headers": {"X-Count": 3}}])
    assert (ask.method, ask.data, ask.headers) == ("PUT", b"text", {"X-Count": "3"})
    with pytest.raises(InputError, match=r"requests\[0\].*no method"):
        check_requests([{}])


@given(st.text(max_size=200))
def test_any_text_is_a_list_or_refused(text: str) -> None:
    """Never an error of another kind."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "requests.yaml"
        path.write_text(f"requests:\n  - get: {text}", encoding="utf-8", errors="replace")
        with contextlib.suppress(ReliError):
            assert load_requests(path)
