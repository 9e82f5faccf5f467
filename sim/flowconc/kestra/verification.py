"""A script, its recording, and whether the simulation comes to the same."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flowconc.kestra.comparison import Comparison, compare
from flowconc.kestra.crash import Crash, after_crash
from flowconc.kestra.deviations import Deviation, deviation_of
from flowconc.kestra.facts import facts_of
from flowconc.kestra.outcome import Outcome
from flowconc.kestra.passes import with_own_histories
from flowconc.kestra.recorded import recorded_outcome
from flowconc.kestra.recording import Recording, read_recording
from flowconc.kestra.release import Release
from flowconc.kestra.script import Script
from flowconc.kestra.script_reading import read_script
from flowconc.kestra.search import Found, outcome_of, search
from flowconc.kestra.staging import Staged, nominal_durations, stage
from flowconc.scenario.names import UnknownName
from flowconc.scenario.problems import BadInput, Position, Problem
from flowconc.scenario.semantics import resolve_semantics, version_of
from flowconc.scenario.vocabulary import SEMANTICS

DEFAULT_SEEDS: Final = 400
"""Outcomes that are looked at, when the plain simulation comes to another, before it is said to differ."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of one recording. `found` is None when the plain simulation agrees already, or nothing was searched."""

    script: Script
    recording: Recording
    semantics: str
    recorded: Outcome
    plain: Comparison
    found: Found | None = None

    @property
    def agrees(self) -> bool:
        """Say whether the recording is what the simulation comes to, plainly or in one of the orders searched."""
        return self.plain.agrees or (self.found is not None and self.found.agrees)

    @property
    def explained(self) -> Deviation | None:
        """Return why it does not agree, if that is known."""
        return None if self.agrees else deviation_of(self.recording.script, self.recording.release)


def verify(
    script_path: Path, recording_path: Path, *, semantics: str | None = None, seeds: int = DEFAULT_SEEDS
) -> Verification:
    """Compare a recording with what the simulation makes of its script.

    `semantics` None takes that of the recorded version. Raises BadInput when one of the files cannot be used.
    """
    recording = with_own_histories(read_recording(recording_path))
    script = read_script(script_path, recording.release)
    if script is None:
        what = f"the script is not for Kestra {recording.release}, of which {recording.path} is a recording"
        raise BadInput([Problem(Position(str(script_path)), what)])
    crash = None
    if (resumed := after_crash(script, recording)) is not None:
        script, recording, crash = resumed
    name = semantics_for(recording.release) if semantics is None else _known(semantics)
    staged = _staged(script, recording, name, crash)
    recorded = recorded_outcome(recording, staged.parts)
    plain = compare(recorded, outcome_of(staged))
    found = None
    if not plain.agrees and seeds:
        found = search(staged, recorded, seeds=seeds)
    return Verification(script, recording, staged.scenario.semantics, recorded, plain, found)


def semantics_for(release: Release) -> str:
    """Return the semantics that a version is simulated with: its own, or of the known ones the newest that is older."""
    older = [
        (version, name)
        for name in SEMANTICS
        if (version := version_of(name)) is not None and version <= release.numbers
    ]
    if not older:
        raise BadInput([Problem(Position(f"Kestra {release}"), "no semantics is known for this version")])
    return max(older)[1]


def _known(semantics: str) -> str:
    """Return the full name of a semantics."""
    try:
        return resolve_semantics(semantics)
    except UnknownName as error:
        raise BadInput(
            [Problem(Position("semantics"), error.what, error.expected, error.suggestion)]
        ) from None


def _staged(script: Script, recording: Recording, semantics: str, crash: Crash | None) -> Staged:
    facts = facts_of(recording, nominal_durations(script))
    return stage(
        script, semantics, started=recording.started, end_us=recording.end_us, facts=facts, crash=crash
    )
