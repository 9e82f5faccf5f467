"""Replay tokens: a schedule as a short word that reproduces it anywhere.

At each point of a schedule the moves that are possible have an order that depends on nothing but the scenario. So a
schedule is a list of small numbers, which make one large number in a mixed base: few bits a choice. Before it stand the
fingerprint of the scenario and its semantics, and what of it was explored; after it a sum, to find slips of the pen.
"""

from __future__ import annotations

from base64 import b32decode, b32encode
from binascii import crc_hqx
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from flowconc.explore.canonical import fingerprint
from flowconc.explore.machine import Machine
from flowconc.explore.moves import Move
from flowconc.explore.schedule import ordered
from flowconc.explore.scope import Scope
from flowconc.explore.script import CueId
from flowconc.protocol.semantics import Semantics
from flowconc.scenario.model import Scenario

PREFIX: Final = "fc1-"
"""How a token begins. The version of its form is in it."""

_FINGERPRINT_BYTES: Final = 4
_SUM_BYTES: Final = 2


class BadToken(ValueError):  # noqa: N818 - it says what it is
    """A token that cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says. `left_out` are places among all cues of the scenario; `choices` is in a mixed base."""

    fingerprint: bytes
    executions: int | None
    executors: int
    crashes: int
    left_out: tuple[int, ...]
    length: int
    choices: int

    def __str__(self) -> str:
        return written(self)

    def scope(self, cues: Sequence[CueId]) -> Scope:
        """Return what is explored, of a scenario with these cues."""
        left_out = frozenset(cues[place] for place in self.left_out)
        return Scope(self.executions, self.executors, self.crashes, left_out)

    def schedule(self, machine: Machine) -> Iterator[Move]:
        """Yield the moves chosen. Raises BadToken where there is nothing to choose from any more."""
        state, _ = machine.start()
        rest = self.choices
        for _ in range(self.length):
            moves = ordered(machine.moves(state))
            if not moves:
                raise BadToken(
                    "the replay token goes on where nothing can happen any more: the semantics has changed"
                )
            rest, place = divmod(rest, len(moves))
            yield moves[place]
            padded = machine.padded(state)
            state = machine.successor(moves[place], machine.effect(moves[place], padded), padded)


def token_of(
    scenario: Scenario,
    semantics: Semantics,
    scope: Scope,
    cues: Sequence[CueId],
    choices: Iterable[tuple[int, int]],
) -> Token:
    """Return the token of a schedule: at each point the place of the move taken, and among how many.

    `cues` are all that the scenario has within the scope, those left out included.
    """
    taken = list(choices)
    number = 0
    for place, among in reversed(taken):
        number = number * among + place
    return Token(
        fingerprint_of(scenario, semantics),
        scope.executions,
        scope.executors,
        scope.crashes,
        tuple(place for place, cue in enumerate(cues) if cue in scope.left_out),
        len(taken),
        number,
    )


def fingerprint_of(scenario: Scenario, semantics: Semantics) -> bytes:
    """Return what tells a scenario under a semantics from others: all that its schedules depend on."""
    return fingerprint(
        scenario.flows,
        scenario.arrivals,
        scenario.actions,
        scenario.limits,
        scenario.run.until_us,
        scenario.run.seed,
        scenario.clock_start,
        semantics.name,
        semantics.rules,
        sorted(semantics.steps),
        size=_FINGERPRINT_BYTES,
    )


def written(token: Token) -> str:
    """Return a token as people pass it on: small letters and digits behind the prefix."""
    mask = sum(1 << place for place in token.left_out)
    executions = 0 if token.executions is None else token.executions + 1
    numbers = (executions, token.executors, token.crashes, mask, token.length, token.choices)
    body = token.fingerprint + b"".join(map(_packed, numbers))
    body += crc_hqx(body, 0).to_bytes(_SUM_BYTES)
    return PREFIX + b32encode(body).decode().rstrip("=").lower()


def read_token(text: str) -> Token:
    """Return what a written token says. Raises BadToken."""
    if not text.startswith(PREFIX):
        raise BadToken(f"{text!r} is no replay token, expected a word that begins with {PREFIX}")
    letters = text.removeprefix(PREFIX).upper()
    try:
        body = b32decode(letters + "=" * (-len(letters) % 8))
    except ValueError:
        raise BadToken(_DAMAGED) from None
    body, check = body[:-_SUM_BYTES], body[-_SUM_BYTES:]
    if len(body) < _FINGERPRINT_BYTES or crc_hqx(body, 0).to_bytes(_SUM_BYTES) != check:
        raise BadToken(_DAMAGED)
    numbers = []
    rest = body[_FINGERPRINT_BYTES:]
    while rest:
        number, rest = _unpacked(rest)
        numbers.append(number)
    executions, executors, crashes, mask, length, choices = numbers
    return Token(
        body[:_FINGERPRINT_BYTES],
        executions - 1 if executions else None,
        executors,
        crashes,
        tuple(place for place in range(mask.bit_length()) if mask >> place & 1),
        length,
        choices,
    )


_DAMAGED: Final = "the replay token is damaged: a letter is missing or wrong"


def _packed(number: int) -> bytes:
    """Return a number in groups of seven bits, the lowest first, each but the last with its eighth bit set."""
    groups = bytearray()
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    groups.append(number)
    return bytes(groups)


def _unpacked(groups: bytes) -> tuple[int, bytes]:
    number = 0
    for place, group in enumerate(groups):
        number |= (group & 0x7F) << 7 * place
        if not group & 0x80:
            return number, groups[place + 1 :]
    raise BadToken(_DAMAGED)
