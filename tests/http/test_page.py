"""docs/http.md names every failure, setting and key that there is."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from reli.http import errors
from reli.http.request_file import Written
from reli.http.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "http.md").read_text(encoding="utf-8")


def test_every_failure_setting_and_key_is_described() -> None:
    """A class of error, an attribute or a YAML key without a row is missing."""
    failures = [name for name in vars(errors) if name.endswith("Error") and name != "HttpError"]
    assert len(failures) == 15
    keys = [field.alias or name for name, field in Written.model_fields.items()]
    rows = [*failures, *(field.name for field in fields(Settings))]
    assert [name for name in rows if f"| `{name}` |" not in PAGE] == []
    assert [key for key in keys if f"`{key}`" not in PAGE] == []
    assert [name for name in failures if f"+-- {name} " not in str(errors.__doc__)] == []
