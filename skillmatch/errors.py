"""Everything that can go wrong by the user's input, with what to do about it.

A message names the place (file and row, or argument), the value received and the remedy; the command line
prints it as one line on stderr and ends with the error's exit code.
"""

from __future__ import annotations

_LONGEST = 1_000


class SkillmatchError(Exception):
    """Base of all errors that skillmatch raises on purpose.

    Parameters
    ----------
    message : what is wrong, where, with which value.
    remedy : what the user can do; appended to the message.
    """

    exit_code = 1

    def __init__(self, message: str, *, remedy: str = "") -> None:
        # One line, whatever a file has in its names and ids.
        message = " ".join(message.split())
        message = message if len(message) <= _LONGEST else f"{message[:_LONGEST]}…"
        super().__init__(f"{message}; {remedy}" if remedy else message)
        self.remedy = remedy


class InputError(SkillmatchError):
    """A file, folder or table cannot be used as a whole (exit code 3)."""

    exit_code = 3


class TaxonomyError(SkillmatchError):
    """A taxonomy is inconsistent: duplicate ids, a cycle, a missing label (exit code 4)."""

    exit_code = 4


class EmptyError(SkillmatchError):
    """The input was read, but nothing is left to work on (exit code 5)."""

    exit_code = 5


class UnreadableDocument(SkillmatchError):
    """One document cannot be read; it goes to ``skipped.csv`` with this reason and the run goes on."""

    exit_code = 3


class Interrupted(SkillmatchError):
    """The user stopped a run that can be resumed (exit code 130)."""

    exit_code = 130
