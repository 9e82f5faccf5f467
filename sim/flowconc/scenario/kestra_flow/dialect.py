"""What differs between the flow languages of Kestra's versions, as far as it decides what a flow may say here.

`documented` reads the language of 2.0, and what is left of 1.x with a warning. A version refuses what it does not
have yet, or no more: its engine would not save such a flow. Only `allowConcurrent` is ignored where it is not there
yet, with a notice, and a new name for an old thing is read everywhere, so that a scenario can be compared over versions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flowconc.scenario.semantics import Version, version_of

FIRST_OF_2: Final = (2, 0)
MAX_ATTEMPTS: Final = (0, 23)
ALLOW_CONCURRENT: Final = (1, 3)
PAUSES_HEARD: Final = (0, 24)
"""Since when a Flow trigger without `states` hears of PAUSED too: in 0.24 it does, in 0.21 it does not."""

OF_FLOWS: Final[dict[str, Version]] = {"afterExecution": (0, 22), "workerSelector": FIRST_OF_2}
OF_TASKS: Final[dict[str, Version]] = {"workerSelector": FIRST_OF_2}
OF_TRIGGERS: Final[dict[str, Version]] = {"when": FIRST_OF_2, "workerSelector": FIRST_OF_2}
OF_FLOW_TRIGGERS: Final[dict[str, Version]] = dict.fromkeys(
    ("dependsOn", "minSatisfied", "mode", "window"), FIRST_OF_2
)
"""Properties that came after the oldest version known here, and the version they came with."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """The flow language of one version; None is that of `documented`."""

    version: Version | None = None

    @property
    def is_2(self) -> bool:
        """Whether this is the language of a 2.x version, and nothing else."""
        return self.version is not None and self.version >= FIRST_OF_2

    @property
    def is_older(self) -> bool:
        """Whether this is the language of a version before 2.0."""
        return self.version is not None and self.version < FIRST_OF_2

    def lacks(self, since: Version) -> bool:
        """Say whether something came only after this version."""
        return self.version is not None and self.version < since

    def __str__(self) -> str:
        return "Kestra" if self.version is None else f"Kestra {dotted(self.version)}"


def dotted(version: Version) -> str:
    """Return a version as text: `2.0`."""
    return ".".join(map(str, version))


def dialect_of(semantics: str) -> Dialect:
    """Return the flow language of a semantics, given by its full name."""
    return Dialect(version_of(semantics))


DOCUMENTED: Final = Dialect()
