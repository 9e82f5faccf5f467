"""Check flows by every rule that is asked for, and leave out what comments silence."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from flowconc.lint.repository import Repository
from flowconc.lint.rule import Finding, Rule
from flowconc.lint.rules import RULES
from flowconc.lint.scopes import Scope
from flowconc.lint.silencers import (
    UNKNOWN_IGNORE,
    UNUSED_IGNORE,
    Silencer,
    silence,
    silencers,
    unknown,
    unused,
)
from flowconc.scenario.kestra_flow.flow_file import FlowSource

EVERY_RULE: Final[tuple[Rule, ...]] = (*RULES, UNKNOWN_IGNORE, UNUSED_IGNORE)
"""Every rule, those about comments last."""

RULE_IDS: Final[tuple[str, ...]] = tuple(rule.id for rule in EVERY_RULE)

_ABOUT_COMMENTS: Final = frozenset({UNKNOWN_IGNORE.id, UNUSED_IGNORE.id})


@dataclass(frozen=True, slots=True)
class FlowFile:
    """A flow that was read, and the text that it was read from."""

    flow: FlowSource
    text: str

    @property
    def silencers(self) -> tuple[Silencer, ...]:
        """The comments of the file that silence rules."""
        return silencers(self.text, self.flow.position.path)


def lint(
    files: Iterable[FlowFile], *, rules: Collection[str] = RULE_IDS, limits: Iterable[Scope] = ()
) -> list[Finding]:
    """Return what the `rules` find in flows that belong together, in order of position.

    `limits` are those on namespaces, or on all flows, which no flow file says.
    """
    files = tuple(files)
    repository = Repository((file.flow for file in files), limits)
    found = [finding for rule in RULES if rule.id in rules for finding in rule.findings(repository)]
    comments = [comment for file in files for comment in file.silencers]
    findings, used = silence(found, comments)
    live = {file.flow.position.path for file in files if not file.flow.disabled}
    findings += _about_comments(comments, used, rules, live)
    order = {rule_id: number for number, rule_id in enumerate(RULE_IDS)}
    return sorted(findings, key=lambda finding: (finding.position, order[finding.rule], finding.what))


def _about_comments(
    comments: Collection[Silencer], used: Collection[Silencer], rules: Collection[str], live: Collection[str]
) -> list[Finding]:
    """Return what is wrong with comments. Those in a disabled flow, which has no findings, count as used."""
    able = [comment for comment in comments if comment.rule in rules and comment.position.path in live]
    for_rules = [comment for comment in able if comment.rule not in _ABOUT_COMMENTS]
    found = [*unknown(comments, RULE_IDS), *unused(for_rules, used)]
    left, used_here = silence(found, comments)
    for_comments = [comment for comment in able if comment.rule in _ABOUT_COMMENTS]
    left += unused(for_comments, used_here)
    return [finding for finding in left if finding.rule in rules]
