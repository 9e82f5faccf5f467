"""The page on promise and practice: what Kestra's documentation promises, and what each version does.

`python docs/promise.py` writes `docs/promise-and-practice.md`. Every mark on it comes from running a scenario of
`scenarios/practice` under each semantics:

- the promise is kept if the scenario passes as it does under `documented`;
- it is broken if an expectation of the scenario is not met, or a queue, a limit or a rejection goes wrong on the way;
- it holds with a flaw if only the engine's own books do not add up, which nobody sees in this scenario;
- a version may have no say, because it has not got what the scenario uses.

`python docs/promise.py --verify FOLDER...` compares the recordings of the real engine in those folders with the
simulation and keeps what came of it in `docs/recorded.json`, so that the page can be made without them.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from itertools import groupby
from pathlib import Path

import yaml

from docs.plain import plain
from flowconc.check.actions import CHECK as ACTIONS
from flowconc.compare.comparison import Comparison, Pair, Side, compare
from flowconc.compare.rules import DOCUMENTED, short
from flowconc.compare.tables import markdown
from flowconc.compare.text import broken, unmet
from flowconc.kestra.account import outcome_word
from flowconc.kestra.conformance import pairs
from flowconc.kestra.release import parse_release
from flowconc.kestra.verification import semantics_for, verify
from flowconc.protocol.versions import VERSIONS
from flowconc.scenario.load import SUFFIX, load
from flowconc.scenario.model import Scenario

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "scenarios" / "practice"
PAGE = ROOT / "docs" / "promise-and-practice.md"
RECORDINGS = ROOT / "docs" / "recordings.yaml"
RECORDED = ROOT / "docs" / "recorded.json"

ENGINES = tuple(name for name in VERSIONS if name != DOCUMENTED)
SHOWN_AT_MOST = 3
"""Findings of one version that the page writes out."""

BOOKS = frozenset(
    {
        "counter_matches_holders",
        "one_release_per_claim",
        "no_release_without_claim",
        "every_claim_released",
        "one_counter_per_flow",
        "display_matches_engine",
        "scopes_all_or_none",
        "gate_covers_every_source",
        "exact_at_the_boundary",
    }
)
"""Invariants on how the engine keeps its books; all others are about what users see happen."""


class Mark(Enum):
    """What a version makes of a promise."""

    KEEPS = "yes"
    FLAWED = "yes*"
    BREAKS = "**no**"
    NONE = "n.a."


@dataclass(frozen=True, slots=True)
class Case:
    """One scenario under all semantics."""

    stem: str  # of the file: `a03-queue`
    description: str
    comparison: Comparison
    recordings: tuple[str, ...]

    @property
    def name(self) -> str:
        """The scenario's name as a heading."""
        return titled(self.comparison.id)

    @property
    def number(self) -> str:
        """What the page calls it: `A3`, `S12`, `O4`."""
        letter, digits = re.match(r"([a-z])0*(\d+[a-z]?)-", self.stem).groups()  # type: ignore[union-attr]
        return f"{letter.upper()}{digits}"

    @property
    def text(self) -> str:
        """The description without the names of rules before it."""
        return re.sub(r"^Rules? [^:]+: ", "", self.description)

    def side(self, semantics: str) -> Side:
        """Return what one semantics makes of it."""
        return next(side for side in self.comparison.sides if side.semantics == semantics)

    def lacks(self, semantics: str) -> str | None:
        """Say what a version has not got that the scenario needs: it cannot read the flow, ignores a part of it, or refuses an action."""
        side = self.side(semantics)
        if side.result is None:
            assert side.refused is not None
            return side.refused.problems[0].sentence
        known = self.side(DOCUMENTED).result
        assert known is not None
        more = [each for each in side.result.scenario.notices if each not in known.scenario.notices]
        refused = [finding.sentence for finding in unmet(side) if finding.check == ACTIONS]
        return next(iter([*(each.sentence for each in more), *refused]), None)

    def mark(self, semantics: str) -> Mark:
        """Return what one semantics makes of the promise."""
        side = self.side(semantics)
        if side.result is not None and side.result.passed:
            return Mark.KEEPS
        if self.lacks(semantics) is not None:
            return Mark.NONE
        return Mark.FLAWED if not unmet(side) and set(broken(side)) <= BOOKS else Mark.BREAKS


@cache
def cases(*, explained: bool) -> tuple[Case, ...]:
    """Return every case, in the order of the files: those of a promise, of a situation, of older versions.

    Without explanations of what departs it takes a quarter of the time.
    """
    recordings = yaml.safe_load(RECORDINGS.read_text(encoding="utf-8"))
    found = []
    for stem, scenario in scenarios():
        (comparison,) = compare(scenario.position.path, tuple(VERSIONS), explained=explained)
        found.append(Case(stem, scenario.description, comparison, tuple(recordings[stem])))
    return tuple(found)


def scenarios() -> Iterator[tuple[str, Scenario]]:
    """Yield the scenarios, each with the stem of its file."""
    for path in sorted(FOLDER.glob(f"*{SUFFIX}")):
        (scenario,) = load(path)
        yield path.name.removesuffix(SUFFIX), scenario


def of_kind(letter: str, *, explained: bool = True) -> tuple[Case, ...]:
    """Return the cases whose files begin with a letter."""
    return tuple(case for case in cases(explained=explained) if case.stem.startswith(letter))


def rules_of(description: str) -> tuple[str, ...]:
    """Return the promises that a description names."""
    return tuple(dict.fromkeys(re.findall(r"\bA\d+\b", description)))


def titled(name: str) -> str:
    """Return a scenario's name as a title."""
    return name[0].upper() + name[1:]


# --- tables


def summary(*, explained: bool = False) -> str:
    """Return the shortest form: one line for each promise, and one for the situations."""
    columns = (
        "kestra-2.0.2",
        "kestra-1.3.31",
        "kestra-1.2",
        "kestra-1.1.0",
        "kestra-0.24.0",
        "kestra-0.21.0",
    )
    rows = []
    for rule, promise in PROMISES.items():
        own = [case for case in of_kind("a", explained=explained) if case.number == rule]
        rows.append([f"{rule} {promise}", *(worst(own, name).value for name in columns)])
    others = (*of_kind("s", explained=explained), *of_kind("o", explained=explained))
    kept = [sum(case.mark(name) in (Mark.KEEPS, Mark.FLAWED) for case in others) for name in columns]
    rows.append([f"kept in {len(others)} special situations", *map(str, kept)])
    return markdown(["promise", *map(short, columns)], rows)


PROMISES = {
    "A1": "limit executions of a flow",
    "A2": "every source counts",
    "A3": "QUEUE, CANCEL, FAIL",
    "A4": "oldest first",
    "A5": "locked triggers skip fires",
    "A6": "waiting holds locks",
    "A7": "not a limit on tasks",
    "A8": "edits act at once",
    "A9": "kill frees, delete does not",
    "A10": "force-run takes no slot",
    "A11": "the Concurrency tab",
}


def worst(chosen: Iterable[Case], semantics: str) -> Mark:
    """Return the worst mark of some cases; what has no say counts only if nothing else does."""
    order = (Mark.BREAKS, Mark.FLAWED, Mark.KEEPS, Mark.NONE)
    return min((case.mark(semantics) for case in chosen), key=order.index)


def marks(chosen: Iterable[Case]) -> str:
    """Return the table of marks, each row a link to the details."""
    rows = (
        [
            f"[{case.number}](#{anchor(case)})",
            case.comparison.id,
            *(case.mark(name).value for name in ENGINES),
        ]
        for case in chosen
    )
    return markdown(["", "promise", *map(short, ENGINES)], rows)


def index() -> str:
    """Return the table of the files, for the page on the library."""
    rows = (
        (
            ", ".join(rules_of(scenario.description)),
            f"[{stem}](practice/{stem}{SUFFIX})",
            f"{titled(scenario.name)}.",
        )
        for stem, scenario in scenarios()
    )
    return markdown(("rules", "file", "shows"), rows)


# --- details


def heading(case: Case) -> str:
    """Return the heading of a case's details."""
    return f"{case.number}: {case.name}"


def anchor(case: Case) -> str:
    """Return the anchor of its heading, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading(case).lower()).replace(" ", "-")


def details(case: Case) -> Iterator[str]:
    """Yield the lines of a case's details."""
    yield f"### {heading(case)}\n"
    yield f"{case.text}\n"
    departing = [name for name in ENGINES if case.mark(name) is not Mark.KEEPS]
    if departing:
        rows = [
            (", ".join(map(short, names)), case.mark(names[0]).value, said)
            for said, names in _alike(case, departing)
        ]
        kept = [short(name) for name in ENGINES if name not in departing]
        if kept:
            rows.append((", ".join(kept), Mark.KEEPS.value, ""))
        yield markdown(("version", "kept", "what happens"), rows)
    else:
        yield "Every version keeps it.\n"
    yield from (f"- {line}" for line in _facts(case, departing))
    yield ""


def _alike(case: Case, names: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield what happens, and the versions in which it does, neighbours together."""
    versions = "|".join(map(re.escape, map(short, VERSIONS)))
    for said, found in groupby(
        names, key=lambda name: re.sub(rf"^Kestra ({versions})", "It", _happens(case, name))
    ):
        yield said, list(found)


def _happens(case: Case, semantics: str) -> str:
    """Say what happens under a semantics in place of what was promised."""
    side = case.side(semantics)
    if case.mark(semantics) is Mark.NONE:
        return case.lacks(semantics) or ""
    assert side.result is not None
    failed = [plain(finding.sentence) for finding in unmet(side)]
    if not failed:
        failed = [plain(each.sentence) for each in side.result.verdict.findings if each.check in broken(side)]
    shown = failed[:SHOWN_AT_MOST]
    more = len(failed) - len(shown)
    return "<br>".join([*shown, *([f"and {more} more"] if more else [])])


def _facts(case: Case, departing: list[str]) -> Iterator[str]:
    """Yield what shows the case, what catches it, what explains it, and what was recorded."""
    link = f"../scenarios/practice/{case.stem}{SUFFIX}"
    yield f"Shown by [{case.stem}]({link}): `flowconc compare scenarios/practice/{case.stem}{SUFFIX}`"
    caught = dict.fromkeys(name for each in departing for name in broken(case.side(each)))
    if caught:
        yield f"Caught by the invariants {', '.join(f'`{name}`' for name in caught)}"
    elif any(case.mark(name) is Mark.BREAKS for name in departing):
        yield "Caught by the expectations of the scenario; no invariant breaks"
    rules = dict.fromkeys(rule for pair in case.comparison.pairs for rule in _rules(pair, departing))
    if rules:
        yield f"Rules that explain it: {', '.join(f'`{name}`' for name in rules)}"
    yield from _recorded(case)


def _rules(pair: Pair, departing: Iterable[str]) -> Iterator[str]:
    if pair.second.semantics in departing and pair.explanation is not None:
        yield from (each.rule.name for each in pair.explanation.rules)


def _recorded(case: Case) -> Iterator[str]:
    """Yield which recordings of the real engine show the case, and what became of them."""
    known = json.loads(RECORDED.read_text(encoding="utf-8"))
    for name in case.recordings:
        outcomes = {version: found[name] for version, found in known.items() if name in found}
        agree = [version for version, outcome in outcomes.items() if outcome in CONFIRMS]
        differ = [version for version, outcome in outcomes.items() if outcome not in CONFIRMS]
        said = [f"as simulated on {', '.join(agree)}"] if agree else []
        said += [f"not quite as simulated on {', '.join(differ)}"] if differ else []
        yield f"Recorded: `{name}`, {'; '.join(said)}"


def _recorded_versions() -> Iterator[str]:
    """Yield the versions that were recorded, with what stands for those that are not listed."""
    for version in json.loads(RECORDED.read_text(encoding="utf-8")):
        used = semantics_for(parse_release(version))
        yield version if used == f"kestra-{version}" else f"{version} (here {short(used)})"


CONFIRMS = frozenset({"agrees", "race"})
"""What a verification comes to when the recording is what the simulation does, plainly or in one of its orders."""


# --- the page


HEAD = """\
# Promise and practice

Kestra's documentation promises how `concurrency` behaves. Versions of Kestra keep most of these promises, and break some.
This page says which, for every version that is known here.

Each row is a small scenario. It is run under the rules of each version, and judged by what the documentation promises.
You can run every one of them yourself, and your own scenarios likewise: see [before an upgrade](how-to/upgrade.md).

| mark | meaning |
| --- | --- |
| yes | The version does what is promised. |
| yes* | What you see is what is promised, but the engine's own count is wrong on the way. That shows later, elsewhere. |
| **no** | The version does something else. The details say what. |
| n.a. | The version has no say: it has not got what the scenario uses. |

Versions between two that are listed behave like the older of the two, as far as is known.
The real engine was recorded in the versions {recorded}.
What the rules are called is in the [reference of semantics](reference/semantics.md), what the invariants mean in that of [checks](reference/checks.md).

<!-- This page is generated: python docs/generate.py -->
"""

PARTS = (
    ("a", "The promises", "What the documentation says, each in its plainest case."),
    ("s", "Situations", "Where promises meet restarts, kills, deletions, edits, loops and schedules."),
    ("o", "Older versions", "What was wrong once, and is right in 2.0 or before."),
)


def page() -> str:
    """Return the whole page."""
    blocks = [HEAD.format(recorded=", ".join(_recorded_versions())), "## In short\n", summary(explained=True)]
    for letter, title, sentence in PARTS:
        blocks += [f"## {title}\n", f"{sentence}\n", marks(of_kind(letter))]
    for letter, title, _ in PARTS:
        blocks += [f"## {title} in detail\n"]
        blocks += ["\n".join(details(case)) for case in of_kind(letter)]
    return "\n".join(blocks).rstrip("\n") + "\n"


# --- recordings


def verified(folders: Iterable[Path]) -> dict[str, dict[str, str]]:
    """Compare the recordings of some folders with the simulation; of two of one name the first counts."""
    names = sorted({name for case in yaml.safe_load(RECORDINGS.read_text()).values() for name in case})
    found: dict[str, dict[str, str]] = {}
    for folder in folders:
        for pair in pairs(folder, names=names):
            if pair.name not in found.setdefault(pair.version, {}):
                found[pair.version][pair.name] = outcome_word(verify(pair.script, pair.recording))
    newest_first = sorted(found, key=lambda version: tuple(map(int, version.split("."))), reverse=True)
    return {version: dict(sorted(found[version].items())) for version in newest_first}


def main() -> None:
    """Write the page, after a look at recordings if asked for."""
    parser = argparse.ArgumentParser(prog="python docs/promise.py", description=__doc__)
    parser.add_argument("--verify", type=Path, nargs="+", metavar="FOLDER", help="folders of recordings")
    given = parser.parse_args()
    if given.verify:
        RECORDED.write_text(json.dumps(verified(given.verify), indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
