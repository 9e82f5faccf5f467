"""What of a flow file is only checked: labels, inputs, outputs and the like."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any, Final

from flowconc.scenario.kestra_flow.jackson import (
    Mismatch,
    is_template,
    to_double,
    to_duration_ns,
    to_integer,
    to_property,
)
from flowconc.scenario.kestra_flow.kestra_types import words
from flowconc.scenario.kestra_flow.section import Section
from flowconc.scenario.problems import excerpt, nearest
from flowconc.scenario.wording import describe, one_of

_IO_ID: Final = re.compile(r"[a-zA-Z0-9][.a-zA-Z0-9_-]*")


def check_metadata(section: Section) -> None:
    """Check the top-level properties of a flow that do not change what is simulated."""
    section.text("description")
    section.text("tenantId")
    section.text("source")
    section.boolean("draft")
    section.boolean("deleted")
    section.items("policyRefs")
    _check_revision(section)
    _check_instant(section)
    section.section("variables")
    check_labels(section)
    _check_inputs(section)
    _check_outputs(section)
    _check_checks(section)
    if section.has("quotas"):
        section.error("quotas", "quotas are only in Kestra's Enterprise Edition", "no `quotas`")
    if section.section("workerSelector") is not None:
        section.notice("workerSelector", "`workerSelector` is not simulated: any worker takes the tasks")


def _check_revision(section: Section) -> None:
    value = section.data.get("revision")
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        section.error("revision", f"`revision` is {describe(value)}", "a whole number")
    else:
        section.integer("revision", minimum=1)


def _check_instant(section: Section) -> None:
    text = section.property_text("updated")
    if text is None:
        return
    try:
        datetime.fromisoformat(text)
    except ValueError:
        section.error("updated", f"`updated` is {excerpt(text)}", "a time such as 2026-01-01T00:00:00Z")


# --- labels -------------------------------------------------------------------------------------------------


def check_labels(section: Section) -> None:
    """Check labels, given as a mapping or as a list of `{key, value}`."""
    value = section.data.get("labels")
    if value is None:
        return
    if isinstance(value, dict):
        pairs = list(value.items())
    elif isinstance(value, list) and all(isinstance(item, dict) for item in value):
        pairs = [(item.get("key"), item.get("value")) for item in value]
    else:
        section.error("labels", f"`labels` is {describe(value)}", "a mapping, or a list of {key, value}")
        return
    for key, text in pairs:
        _check_label(section, key, text, listed=isinstance(value, list))


def _check_label(section: Section, key: Any, text: Any, *, listed: bool) -> None:
    if not isinstance(key, str) or isinstance(text, dict | list) or (listed and text is None):
        section.error("labels", f"the label {excerpt(str(key))} is {describe(text)}", "a text")
    elif key.startswith("system."):
        section.error(
            "labels", f"only Kestra itself sets labels such as {excerpt(key)}", "a label without `system.`"
        )
    elif "" in {key, text}:
        section.error("labels", f"the label {excerpt(key)} is empty", "a text")


# --- inputs and outputs -------------------------------------------------------------------------------------

_OF_EVERY_INPUT: Final = words("id type description displayName required defaults prefill dependsOn")
_INPUTS: Final = {
    "STRING": "validator",
    "SELECT": "values expression allowCustomValue autoSelectFirst isRadio",
    "INT": "min max",
    "FLOAT": "min max",
    "BOOL": "",
    "DATETIME": "after before",
    "DATE": "after before",
    "TIME": "after before",
    "DURATION": "min max",
    "FILE": "allowedFileExtensions",
    "JSON": "jsonSchema",
    "ION": "",
    "URI": "",
    "SECRET": "validator",
    "ARRAY": "itemType",
    "MULTISELECT": "values expression allowCustomValue autoSelectFirst itemType",
    "YAML": "",
    "EMAIL": "",
    "FORM": "inputs",
    "REUSABLE_INPUTS": "ref namespace revision",
}
_TYPES: Final = tuple(_INPUTS)
_OUTPUT: Final = words("id type value description displayName required")
_INPUTS_OF_1_X: Final = {
    "name": "`id`, its name since 0.15",
    "extension": "`allowedFileExtensions`, since 2.0",
    "enum": "`values`",
}
_TYPES_OF_1_X: Final = {"BOOLEAN": "BOOL", "ENUM": "SELECT"}


def _check_inputs(section: Section) -> None:
    seen: dict[str, int] = {}
    items = section.sections("inputs", "input", refused=True)
    for item in items:
        _check_input(item)
        _check_once(item, "input", seen)
    for item in items:
        for name in _names_needed(item):
            if name not in seen:
                item.error(
                    "dependsOn", f"there is no input {excerpt(name)}", one_of(seen), nearest(name, seen)
                )


def _check_input(item: Section) -> None:
    name = item.data.get("type")
    if isinstance(name, str) and item.dialect.is_older:
        name = _TYPES_OF_1_X.get(name, name)
    if not isinstance(name, str) or name not in _INPUTS:
        shown = "no type" if name is None else f"the type {excerpt(str(name))}"
        suggestion = _TYPES_OF_1_X.get(name, nearest(name, _TYPES)) if isinstance(name, str) else None
        item.error("type", f"this input has {shown}", one_of(_TYPES), suggestion)
        return
    known = _OF_EVERY_INPUT | set(_INPUTS[name].split())
    if item.dialect.is_older:
        known |= _INPUTS_OF_1_X.keys()
    item.check_keys(known, f"an input of type {name}", _INPUTS_OF_1_X)
    required = item.boolean("required", default=True)
    if name == "ARRAY" and not item.has("itemType"):
        item.missing("itemType", "this input")
    if item.has("defaults"):
        if not required:
            item.error(
                "required", "an input with a default is always there", "`required` true, or no `defaults`"
            )
        if item.has("prefill"):
            item.error("prefill", "an input with a default is never empty", "`defaults` or `prefill`")
        _check_default(item, name)


def _check_default(item: Section, name: str) -> None:
    text = to_property(item.data["defaults"])
    if text is None or is_template(text):
        return
    try:
        fits = _fits(item, name, text)
    except (Mismatch, ValueError):
        fits = False
    if not fits:
        item.error(
            "defaults", f"{excerpt(text)} is no value of this input of type {name}", "a value that fits"
        )


def _fits(item: Section, name: str, text: str) -> bool:
    """Say whether an input takes the value; raises Mismatch or ValueError where it is none of its type."""
    match name:
        case "INT":
            return _between(item, to_integer(text).value)
        case "FLOAT":
            return _between(item, to_double(text).value)
        case "DURATION":
            to_duration_ns(text)
        case "DATE":
            date.fromisoformat(text)
        case "EMAIL":
            return "@" in text
        case "SELECT" if item.has("values") and not item.boolean("allowCustomValue"):
            return text in {to_property(_value_of(option)) for option in item.items("values")}
    return True


def _between(item: Section, number: float | None) -> bool:
    low, high = item.double("min"), item.double("max")
    return number is None or ((low is None or number >= low) and (high is None or number <= high))


def _value_of(option: object) -> object:
    return option.get("value") if isinstance(option, dict) else option


def _names_needed(item: Section) -> list[str]:
    needs = item.data.get("dependsOn")
    names = needs.get("inputs") if isinstance(needs, dict) else None
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def _check_outputs(section: Section) -> None:
    seen: dict[str, int] = {}
    for item in section.sections("outputs", "output"):
        item.check_keys(_OUTPUT, "an output")
        item.require(("type", "value"), "this output")
        item.choice("type", _TYPES)
        _check_once(item, "output", seen)


def _check_once(item: Section, what: str, seen: dict[str, int]) -> None:
    """Check the item's id, and that no item in `seen` has it."""
    name = item.text("id")
    if name is None:
        if not item.has("id"):
            item.missing("id", f"this {what}")
    elif not _IO_ID.fullmatch(name):
        item.error(
            "id",
            f"{excerpt(name)} is no id of an {what}",
            "letters, digits, '.', '-' and '_', a letter or digit first",
        )
    elif name in seen:
        item.error(
            "id", f"the {what} {excerpt(name)} is there twice, first in line {seen[name]}", "each id once"
        )
    else:
        seen[name] = item.position.line


# --- checks -------------------------------------------------------------------------------------------------

_CHECK: Final = words("condition message style behavior when")


def _check_checks(section: Section) -> None:
    if section.has("checks"):
        section.notice("checks", "`checks` are not evaluated: they refuse no execution")
    for item in section.sections("checks", "check"):
        item.check_keys(_CHECK, "a check")
        item.require(("condition", "message"), "this check")
        item.choice("behavior", ("BLOCK_EXECUTION", "FAIL_EXECUTION", "CREATE_EXECUTION"))
        item.choice("style", ("ERROR", "SUCCESS", "WARNING", "INFO"))
