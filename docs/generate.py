"""Bring the documentation up to date with the code: `python docs/generate.py`.

Four kinds of text come from the code and are never written by hand:

- sections between `<!-- generated: NAME -->` and `<!-- end -->` (tables of keys, invariants, kinds of event);
- what the commands in transcripts print;
- the page on promise and practice (`promise`);
- `scenarios/docs/flowconc.schema.json`, which the first line of every shipped scenario points to.

The tests check that running this would change nothing.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from pydantic import BaseModel, WithJsonSchema
from pydantic.fields import FieldInfo

from docs import mutants, promise
from docs.examples import ROOT, Stage, WrongExample, blocks, pages
from flowconc.check.coverage import PREDICATES
from flowconc.check.invariants import INVARIANTS
from flowconc.compare.tables import fault_table, rule_table, semantics_table
from flowconc.compare.tables import markdown as table
from flowconc.kestra.deviations import DEVIATIONS
from flowconc.lint.linter import EVERY_RULE
from flowconc.protocol import events
from flowconc.scenario.document.actions import ActionDocument, SelectionDocument
from flowconc.scenario.document.arrivals import ArrivalsDocument, BackoffDocument, RampDocument
from flowconc.scenario.document.expect import ExpectationDocument
from flowconc.scenario.document.faults import FaultDocument
from flowconc.scenario.document.limits import ScopeLimitDocument
from flowconc.scenario.document.planning import PlanDocument, PlanVaryDocument, RecoveryDocument
from flowconc.scenario.document.platform import (
    ClockDocument,
    DatabaseDocument,
    LatencyDocument,
    PlatformDocument,
    RunDocument,
)
from flowconc.scenario.document.scenario import (
    InvariantsDocument,
    ScenarioDocument,
    TaskDocument,
    ThresholdDocument,
    TriggerDocument,
)
from flowconc.scenario.document.variation import (
    VariedArrivalsDocument,
    VariedCrashesDocument,
    VariedEditsDocument,
    VariedOperationsDocument,
    VaryDocument,
)
from flowconc.scenario.literals.durations import format_us
from flowconc.scenario.schema import schema_text
from flowconc.scenario.vocabulary import SEMANTICS, STEPS
from flowconc.trace.trace import Event

SCHEMA = ROOT / "scenarios" / "docs" / "flowconc.schema.json"

_SECTION = re.compile(
    r"(?P<open><!-- generated: (?P<name>[a-z-]+) -->\n).*?(?P<close><!-- end -->)", re.DOTALL
)


def keys(model: type[BaseModel]) -> str:
    """Return the table of a mapping's keys, in the order of the model."""
    rows = []
    for name, field in model.model_fields.items():
        default = "required" if field.is_required() else _default(field.default, is_text=_is_text(field))
        rows.append((f"`{field.alias or name}`", default, field.description or ""))
    return table(("key", "default", "meaning"), rows)


def _is_text(field: FieldInfo) -> bool:
    """Say whether the file writes this value as a text with a small language of its own: a time, a share."""
    schemas = [each.json_schema for each in field.metadata if isinstance(each, WithJsonSchema)]
    return any(schema is not None and schema.get("type") == "string" for schema in schemas)


def _default(value: object, *, is_text: bool) -> str:
    """Return a default as the file would have it; nothing for what is empty or made of further keys."""
    match value, is_text:
        case bool(), _:
            return f"`{str(value).lower()}`"
        case int(), True:
            return f"`{format_us(value)}`"
        case datetime(), _:
            return f"`{value:%Y-%m-%dT%H:%M:%SZ}`"
        case float(), True:
            return f"`{100 * value:g}%`"
        case ((str() | int() | float()), _) if value != "":
            return f"`{value}`"
        case _:
            return ""


def invariants() -> str:
    """Return the table of the invariants."""
    return table(("id", "what must hold"), ((f"`{each.id}`", each.sentence) for each in INVARIANTS.values()))


def lint_rules() -> str:
    """Return the table of the lint rules."""
    rows = ((f"[`{each.id}`](#{each.id})", each.severity.value, each.finds) for each in EVERY_RULE)
    return table(("rule", "severity", "finds"), rows)


def lint_explanations() -> str:
    """Return a section for each lint rule: why what it finds matters."""
    return "\n".join(
        f"### {each.id}\n\nFinds {each.finds}. Severity: {each.severity.value}.\n\n{each.explanation}\n"
        for each in EVERY_RULE
    )


def _listed(names: Iterable[str]) -> str:
    """Return names on one line."""
    return ", ".join(f"`{name}`" for name in names) + "\n"


def sometimes() -> str:
    """Return the table of what a run may come to."""
    return table(("name", "met when"), ((f"`{name}`", each.sentence) for name, each in PREDICATES.items()))


def deviations() -> str:
    """Return the table of the recordings that the simulation does not come to."""
    rows = ((f"`{each.script}`", ", ".join(map(str, each.releases)), each.reason) for each in DEVIATIONS)
    return table(("script", "versions", "why"), rows)


def trace_kinds() -> str:
    """Return the table of the kinds of event, as the contract itself has it."""
    return "".join(f"{line}\n" for line in (events.__doc__ or "").splitlines() if line.startswith("|"))


def trace_fields() -> str:
    """Return the fields of an event, in order."""
    return ", ".join(f"`{name}`" for name in Event._fields) + "\n"


SECTIONS: MappingProxyType[str, Callable[[], str]] = MappingProxyType(
    {
        "keys-scenario": lambda: keys(ScenarioDocument),
        "keys-task": lambda: keys(TaskDocument),
        "keys-trigger": lambda: keys(TriggerDocument),
        "keys-arrivals": lambda: keys(ArrivalsDocument),
        "keys-ramp": lambda: keys(RampDocument),
        "keys-backoff": lambda: keys(BackoffDocument),
        "keys-action": lambda: keys(ActionDocument),
        "keys-selection": lambda: keys(SelectionDocument),
        "keys-fault": lambda: keys(FaultDocument),
        "keys-limit": lambda: keys(ScopeLimitDocument),
        "keys-clock": lambda: keys(ClockDocument),
        "keys-platform": lambda: keys(PlatformDocument),
        "keys-database": lambda: keys(DatabaseDocument),
        "keys-latency": lambda: keys(LatencyDocument),
        "keys-run": lambda: keys(RunDocument),
        "keys-expect": lambda: keys(ExpectationDocument),
        "keys-vary": lambda: keys(VaryDocument),
        "keys-vary-arrivals": lambda: keys(VariedArrivalsDocument),
        "keys-vary-operations": lambda: keys(VariedOperationsDocument),
        "keys-vary-edits": lambda: keys(VariedEditsDocument),
        "keys-vary-crashes": lambda: keys(VariedCrashesDocument),
        "keys-plan": lambda: keys(PlanDocument),
        "keys-plan-vary": lambda: keys(PlanVaryDocument),
        "keys-plan-recovery": lambda: keys(RecoveryDocument),
        "keys-threshold": lambda: keys(ThresholdDocument),
        "keys-invariants": lambda: keys(InvariantsDocument),
        "invariants": invariants,
        "sometimes": sometimes,
        "semantics": lambda: _listed(SEMANTICS),
        "semantics-names": semantics_table,
        "semantics-rules": rule_table,
        "fault-models": fault_table,
        "practice-summary": promise.summary,
        "practice-index": promise.index,
        "steps": lambda: _listed(STEPS),
        "lint-rules": lint_rules,
        "lint-explanations": lint_explanations,
        "trace-kinds": trace_kinds,
        "deviations": deviations,
        "mutants-figures": mutants.figures,
        "mutants-survivors": mutants.survivors,
        "trace-fields": trace_fields,
    }
)
"""Every generated section by its name."""


def section_names(text: str) -> tuple[str, ...]:
    """Return the names of the generated sections of a page."""
    return tuple(match["name"] for match in _SECTION.finditer(text))


def filled(text: str) -> str:
    """Return a page's text with its generated sections as the code has them now."""
    return _SECTION.sub(lambda match: f"{match['open']}{SECTIONS[match['name']]()}{match['close']}", text)


def replayed(page: Path) -> str:
    """Return a page's text with its transcripts as the commands print them now."""
    text = page.read_text(encoding="utf-8")
    parts: list[str] = []
    end = 0
    with tempfile.TemporaryDirectory() as directory:
        stage = Stage(Path(directory))
        for block in blocks(page):
            parts += [text[end : block.start], stage.play(block)]
            end = block.end
    return "".join(parts) + text[end:]


def main() -> int:
    """Rewrite what is out of date, and say which files those were. Return 1 if an example is broken."""
    broken = 0
    _update(SCHEMA, schema_text())
    _update(promise.PAGE, promise.page())
    for page in pages():
        _update(page, filled(page.read_text(encoding="utf-8")))
        try:
            _update(page, replayed(page))
        except WrongExample as wrong:
            broken = 1
            sys.stderr.write(f"{wrong}\n")
    return broken


def _update(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    sys.exit(main())
