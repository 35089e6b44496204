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
        near = [beside.parent, beside.parent.parent, *near]
    directories = search_path(near)
    if is_path(text):
        path = (beside.parent if beside else Path()) / Path(text).expanduser()
        if _exists(path):
            return path
        if text.endswith(SUFFIXES) or not _GROUPED.fullmatch(text):
            raise InputError(
                f'there is no profile file "{text}"; "reli profile list" shows the names'
            )
    for directory in directories:
        for suffix in SUFFIXES:
            path = directory / f"{text}{suffix}"
            if _exists(path) and not (beside and path.resolve() == beside.resolve()):
                return path
    names = sorted({name for directory in directories for name, _ in profiles_in(directory)})
    raise UnknownNameError(
        f'unknown profile "{text}"{nearest(text, names)}; known: {", ".join(names) or "none"} '
        "(or write the path of a YAML file)"
    )


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name too long, or with a zero byte
        return False


def profiles_in(directory: Path) -> Iterator[tuple[str, Path]]:
    """Names and files of the profiles in a directory and, as ``group/name``, one level below."""
    if not directory.is_dir():
        return
    for path in sorted(directory.iterdir(), key=_by_stem):
        if path.is_dir() and not path.name.startswith("."):
            for inner in sorted(path.iterdir(), key=_by_stem):
                if inner.suffix in SUFFIXES and inner.is_file():
                    yield f"{path.name}/{inner.stem}", inner
        elif path.suffix in SUFFIXES and path.is_file():
            yield path.stem, path


def _by_stem(path: Path) -> tuple[bool, str]:
    return path.is_dir(), path.stem


def shown(path: Path) -> str:
    """A path as messages show it: relative where it lies below the working directory."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative
