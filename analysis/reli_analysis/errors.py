"""What can go wrong through the user's hand, and how the commands answer it.

ReliError                 one clear sentence; every command exits with 2, without a traceback
+-- InputError            a file or an argument that cannot be read or makes no sense
+-- BudgetError           a budget that does not parse
+-- ProfileError          a profile with one or more problems, all of them listed
+-- RecordError           a run record that cannot be made, written or understood
+-- UnknownNameError      a name that no registry knows, answered with the known ones
"""

from __future__ import annotations


class ReliError(Exception):
    """The base of every error that a user can mend; ``str()`` is one sentence that says how."""


class InputError(ReliError):
    """A file or an argument that cannot be read or makes no sense."""


class BudgetError(ReliError):
    """A budget that does not parse."""


class ProfileError(ReliError):
    """A profile with problems; ``problems`` holds one sentence each, in the file's order."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


class RecordError(ReliError):
    """A run record that cannot be made, written or understood."""


class UnknownNameError(ReliError):
    """A name that a registry does not know."""
