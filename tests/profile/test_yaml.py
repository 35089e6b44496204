"""YAML that is broken, hostile or not a profile at all: one sentence with its place."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from reli.profile import load_profile
from reli_analysis.errors import InputError, ProfileError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def only_problem(path: Path) -> str:
    with pytest.raises(ProfileError) as caught:
        load_profile(path)
    (problem,) = caught.value.problems
    assert "\n" not in problem
    return problem.replace(f"{path.parent}/", "")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", 'some.yaml:1: is empty; a profile needs at least "stages"'),
        ("# nothing\n", 'some.yaml:1: is empty; a profile needs at least "stages"'),
        ("- a\n- b\n", "some.yaml:1: is not a profile"),
        ("just text\n", "some.yaml:1: is not a profile"),
        ("name: a\nstages: [\n", "some.yaml:3: is not YAML: "),
        ("name: a\nstages: b: c\n", "some.yaml:2: is not YAML: mapping values are not allowed"),
        ("name: a\nstages:\n\t- hold\n", "some.yaml:3: is not YAML: a tab cannot indent"),
        ("name: a\n---\nname: b\n", "some.yaml:2: holds more than one document"),
        ("name: a\nx: '\x00'\n", "some.yaml:2: holds a character that YAML does not allow"),
        ("a: &x 1\nb: *x\n", 'some.yaml:2: the alias "*x" is not supported'),
        ("name: &x [*x]\n", 'some.yaml:1: the alias "*x" is not supported'),
        ("[" * 5000, "some.yaml:1: is nested deeper than 40 levels"),
        ("{a: " * 5000, "some.yaml:1: is nested deeper than 40 levels"),
    ],
)
def test_yaml_that_cannot_be_a_profile_is_one_sentence_with_its_line(
    tmp_path: Path, text: str, problem: str
) -> None:
    """Syntax errors, aliases, depth and other documents end in one sentence."""
    path = tmp_path / "some.yaml"
    path.write_text(text, encoding="utf-8")
    assert only_problem(path).startswith(problem)


def test_an_alias_bomb_is_refused_before_it_grows(tmp_path: Path) -> None:
    """A few lines that would expand to billions of values are one sentence."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    path = tmp_path / "bomb.yaml"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert only_problem(path).startswith('bomb.yaml:2: the alias "*a0" is not supported')


def test_other_encodings_name_the_line(tmp_path: Path) -> None:
    """A file that is not UTF-8 says so with the line of its first wrong byte."""
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"name: a\ndescription: caf\xe9\n")
    assert only_problem(path) == "latin.yaml:2: is not UTF-8 text; save it as UTF-8"


def test_a_byte_order_mark_is_no_problem(tmp_path: Path) -> None:
    """Files as some editors write them are read."""
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbfstages: [{hold: {at: 5 users, for: 1s}}]\r\n")
    assert load_profile(path).load_unit == "users"


def test_a_huge_file_is_refused_unparsed(tmp_path: Path) -> None:
    """More than a megabyte is one sentence."""
    path = tmp_path / "huge.yaml"
    path.write_bytes(b"# " + b"x" * 1_000_000)
    assert only_problem(path) == "huge.yaml: is larger than 1 MB, which no profile needs"


def test_a_long_text_in_place_of_a_number_is_answered_at_once(
    problems: Callable[[str], list[str]],
) -> None:
    """Half a megabyte of digits costs no quadratic parsing and no message of that size."""
    (problem,) = problems(f"stages: [{{hold: {{at: 5 users, for: '{'1' * 500_000}'}}}}]")
    assert "is a text of 500000 characters" in problem
    assert len(problem) < 200


def test_what_is_not_a_file_is_refused(tmp_path: Path) -> None:
    """A directory and a pipe are one sentence, and nothing waits for the pipe."""
    (tmp_path / "dir.yaml").mkdir()
    os.mkfifo(tmp_path / "pipe.yaml")
    for name in ("dir.yaml", "pipe.yaml"):
        assert only_problem(tmp_path / name).startswith(f"{name}: is not a file")


def test_a_missing_file_is_an_input_error(tmp_path: Path) -> None:
    """A path without a file says so."""
    with pytest.raises(InputError, match="there is no profile file"):
        load_profile(tmp_path / "none.yaml")
    with pytest.raises(InputError, match="there is no profile file"):
        load_profile("a\0b.yaml")
    with pytest.raises(InputError, match="there is no profile file"):
        load_profile("x" * 5000 + ".yaml")


def test_python_objects_are_never_made(problems: Callable[[str], list[str]]) -> None:
    """A tag that names code is a problem like another."""
    found = problems(
        """\
        description: !!python/object/apply:os.getcwd []
        stages: [{hold: {at: 5 users, for: !secret 1s}}]
        """
    )
    assert found[0].startswith('some.yaml:1: description: the tag "!!python/object/apply:os')
    assert 'stages[0].hold.for: the tag "!secret" is not supported' in found[1] + found[-1]


def test_control_characters_never_reach_the_terminal(
    problems: Callable[[str], list[str]],
) -> None:
    """Keys and values with escapes are shown without them, on one line."""
    for problem in problems('"a\\e[31m\\nb": 1\nstages: [{hold: {at: "\\e[0m\\n", for: 1s}}]\n'):
        assert problem.isprintable()
