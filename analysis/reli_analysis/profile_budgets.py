"""The budgets that a profile file states, read without the runtime that owns profiles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reli_analysis.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

_LARGEST_BYTES = 1_000_000


def read_profile_budgets(path: Path) -> tuple[str, ...]:
    """The lines under ``budgets:``; raises ``InputError`` in one sentence."""
    data = _load(path)
    if not isinstance(data, dict):
        raise InputError(f"{path} is not a profile: it must hold keys such as budgets:")
    if "budgets" not in data:
        hint = "; give the resolved profile, since what it extends is not read here"
        raise InputError(f"{path} states no budgets:" + (hint if "extends" in data else ""))
    budgets = data["budgets"]
    if not isinstance(budgets, list) or not all(isinstance(line, str) for line in budgets):
        raise InputError(f'{path}: budgets: must be a list of lines such as "p95 < 250ms"')
    return tuple(budgets)


def _load(path: Path) -> Any:
    import yaml  # noqa: PLC0415 -- only --profile pays for it

    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None
    if len(raw) > _LARGEST_BYTES:
        raise InputError(f"{path} is not a profile: it is larger than 1 MB")
    try:
        return yaml.safe_load(raw.decode("utf-8"))
    except UnicodeDecodeError:
        raise InputError(f"{path} is not a profile: it is not UTF-8 text") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it holds characters that YAML cannot"
        raise InputError(f"{path}{where} is not YAML: {problem}") from None
    except (RecursionError, ValueError) as error:
        raise InputError(f"{path} is not a profile: {error}") from None
