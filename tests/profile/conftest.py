"""What the tests of profiles share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from reli.profile import load_profile
from reli_analysis.errors import ProfileError

Write = Callable[..., Path]
Problems = Callable[..., list[str]]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a profile's text to a file below the test's directory."""

    def write_text(text: str, name: str = "some.yaml") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
        return path

    return write_text


@pytest.fixture
def problems(write: Write, tmp_path: Path) -> Problems:
    """The problems of a profile's text, without the directory in front of the file's name."""

    def find(text: str, name: str = "some.yaml") -> list[str]:
        with pytest.raises(ProfileError) as caught:
            load_profile(write(text, name))
        return [problem.replace(f"{tmp_path}/", "") for problem in caught.value.problems]

    return find
