"""What a command says to its user: results on standard output, complaints on standard error."""

from __future__ import annotations

import os
import sys
import traceback

from reli_analysis.errors import InputError
from reli_analysis.visible import one_line


def say(text: str) -> None:
    """Print a result; that its reader went away (``| head``) changes no exit code."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        raise InputError(f"standard output cannot be written: {error.strerror}") from None


def note(text: str) -> None:
    """One line beside the result, without control characters."""
    try:
        print(one_line(text), file=sys.stderr)  # noqa: T201 -- a command's own word to its user
    except OSError:
        return  # nobody is left to hear it


def complain(sentence: str) -> None:
    """One problem; a sentence of several lines names the command in each."""
    for line in sentence.splitlines():
        note(f"reli-analyze: {line}")


def internal_error(error: Exception, where: str = "") -> str:
    """Say in one line that the fault is ours, and return that line."""
    if os.environ.get("RELI_TRACEBACK") == "1":
        traceback.print_exception(error)
    what = f"{type(error).__name__}: {error}".strip(": ")
    sentence = f"internal error{where} ({what}); run with RELI_TRACEBACK=1 to see where"
    complain(one_line(sentence))
    return sentence
