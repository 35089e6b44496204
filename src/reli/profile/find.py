"""Finds a profile by its name or path."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import reli
from reli_analysis.errors import InputError, UnknownNameError
from reli_analysis.registry import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SUFFIXES = (".yaml", ".yml")
_GROUPED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*")


def shipped_directory() -> Path:
    """Where reli's own profiles lie: in the wheel, else in the checkout."""
    package = Path(reli.__file__).resolve().parent
    builtin = package / "builtin_profiles"
    return builtin if builtin.is_dir() else package.parents[1] / "profiles"


def search_path(near: Sequence[Path] = ()) -> list[Path]:
    """The directories that names are looked up in, first match wins."""
    return list(dict.fromkeys([*near, Path("profiles"), shipped_directory()]))


def is_path(text: str) -> bool:
    """Whether a profile is named by its path: with a slash or with a YAML suffix."""
    return "/" in text or text.endswith(SUFFIXES)


def find_profile(text: str, near: Sequence[Path] = (), *, beside: Path | None = None) -> Path:
    """The file of a profile given by name or path.

    ``beside`` is the file that extends it: its paths are relative to that file, its names are
    looked up in that file's directory and the one above first, and never mean the file itself.
    Raises ``InputError`` for a missing path, ``UnknownNameError`` for an unknown name.
    """
    if beside is not None:
        near = [beside.parent, beside.absolute().parent.parent, *near]
    directories = search_path(near)
    if is_path(text):
        path = (beside.parent if beside else Path()) / text
        if _exists(path):
            return path
        if text.endswith(SUFFIXES) or not _GROUPED.fullmatch(text):
            raise InputError(
                f'there is no profile file "{text[:200]}"; "reli profile list" shows the names'
            )
    for directory in directories:
        for suffix in SUFFIXES:
            path = directory / f"{text}{suffix}"
            if _exists(path) and not (beside and path.resolve() == beside.resolve()):
                return path
    names = sorted({name for directory in directories for name, _ in profiles_in(directory)})
    raise UnknownNameError(
        f'unknown profile "{text[:200]}"{nearest(text, names)}; known: {", ".join(names) or "none"} '
        "(or write the path of a YAML file)"
    )


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name too long, or with a zero byte
        return False


def profiles_in(directory: Path) -> Iterator[tuple[str, Path]]:
    """Names and files of the profiles in a directory and, as ``group/name``, one level below."""
    for path in _listed(directory):
        if path.suffix in SUFFIXES and path.is_file():
            yield path.stem, path
    for group in _listed(directory):
        if group.is_dir() and not group.name.startswith("."):
            for path in _listed(group):
                if path.suffix in SUFFIXES and path.is_file():
                    yield f"{group.name}/{path.stem}", path


def _listed(directory: Path) -> list[Path]:
    try:
        return sorted(directory.iterdir(), key=lambda path: path.stem)
    except OSError:  # missing, unreadable or no directory: it offers no names
        return []


def shown(path: Path) -> str:
    """A path as messages show it: relative where it lies below the working directory."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative
