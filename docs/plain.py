"""What a check found, in the words of somebody who reads about it rather than debugs it.

`execution b: started_at 10s, must be 5s` becomes "`b` starts at 10s, must start at 5s".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

_Told = Callable[[re.Match[str]], str]


def plain(sentence: str) -> str:
    """Return a finding's sentence in plain words; one that is not known here stays as it is."""
    sentence = sentence.replace("company.team.", "")
    for pattern, told in _WORDS:
        match = pattern.fullmatch(sentence)
        if match is not None:
            return told(match)
    return sentence


def _time(verb: str) -> _Told:
    """Return the words for `started_at` and `ended_at`."""

    def told(match: re.Match[str]) -> str:
        name, found, wanted = match.groups()
        happens = f"never {verb}s" if found == "never" else f"{verb}s at {found}"
        return f"`{name}` {happens}, must {verb} {_when(wanted)}"

    return told


def _when(wanted: str) -> str:
    operator, _, time = wanted.rpartition(" ")
    return {
        "": f"at {time}",
        "<=": f"by {time}",
        "<": f"before {time}",
        ">=": f"at {time} or later",
        ">": f"after {time}",
    }[operator]


def _states(match: re.Match[str]) -> str:
    name, found, wanted = match.groups()
    return f"`{name}` goes through {found}; must be {wanted}"


def _tasks(match: re.Match[str]) -> str:
    name, found, wanted = match.groups()
    return f"`{name}` runs {_count(found, 'task')}, must run {_count(wanted, 'task')}"


def _level(match: re.Match[str]) -> str:
    time, what, found, wanted = match.groups()
    words = {"running": "running", "queued": "queued", "holding": "on a slot", "paused": "paused"}[what]
    be = "is" if found == "1" else "are"
    found = "no executions" if found == "0" else _count(found, "execution")
    return f"at {time} {found} {be} {words}, must be {wanted}"


def _ended(match: re.Match[str]) -> str:
    flow, found, wanted = match.groups()
    return f"executions of `{flow}` end as {_bins(found)}; must be {_bins(wanted)}"


def _bins(written: str) -> str:
    """Say `SUCCESS: 2, CANCELLED: 3` as `2 SUCCESS, 3 CANCELLED`."""
    pairs = [each.split(": ") for each in written.split(", ") if each]
    return ", ".join(f"{count} {state}" for state, count in pairs) or "none"


def _unended(match: re.Match[str]) -> str:
    flow, found = match.groups()
    return f"{_count(found, 'execution')} of `{flow}` never {'ends' if found == '1' else 'end'}"


def _fired(match: re.Match[str]) -> str:
    found, wanted = match.groups()
    return f"the trigger makes {_count(found, 'execution')}, must make {wanted}"


def _count(number: str, noun: str) -> str:
    if number == "0":
        return f"no {noun}".rstrip()
    return f"{number} {noun}{'s' if noun and number != '1' else ''}".rstrip()


_WORDS: Final[tuple[tuple[re.Pattern[str], _Told], ...]] = (
    (re.compile(r"execution (\S+): started_at (\S+), must be (.+)"), _time("start")),
    (re.compile(r"execution (\S+): ended_at (\S+), must be (.+)"), _time("end")),
    (re.compile(r"execution (\S+): states \[(.*)\], must be \[(.*)\]"), _states),
    (re.compile(r"execution (\S+): tasks_run (\d+), must be (\d+)"), _tasks),
    (re.compile(r"flow \S+ at (\S+): (running|queued|holding|paused) (\d+), must be (\d+)"), _level),
    (re.compile(r"flow (\S+): ended \{(.*)\}, must be \{(.*)\}"), _ended),
    (re.compile(r"flow (\S+): unended (\d+), must be 0"), _unended),
    (re.compile(r"trigger \S+: fired (\d+), must be (\d+)"), _fired),
)
