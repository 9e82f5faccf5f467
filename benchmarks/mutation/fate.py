"""What becomes of a mutant."""

from __future__ import annotations

from enum import StrEnum


class Fate(StrEnum):
    """How a trial ended."""

    KILLED = "killed"
    TIMEOUT = "timeout"
    """It never ended, or not within many times its time; that counts as killed."""
    SURVIVED = "survived"
    UNREACHED = "unreached"
    """Nothing that runs in the tests is changed: if it acts, it acts at the import."""
