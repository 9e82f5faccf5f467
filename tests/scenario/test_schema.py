"""The JSON Schema: up to date, whole, and as loose as the sub-languages of the format need it."""

from __future__ import annotations

import json
import re

import pytest

from flowconc.scenario.document.scenario import ScenarioDocument
from flowconc.scenario.schema import SCHEMA_FILE, scenario_schema, schema_text

SCHEMA = scenario_schema()


def nodes(value):
    """Every mapping inside the schema."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from nodes(inner)


def test_the_shipped_copy_is_up_to_date():
    """If not: `python -m flowconc.scenario.schema` writes it anew."""
    assert schema_text() == SCHEMA_FILE.read_text(encoding="utf-8")


def test_it_is_draft_2020_12_with_an_id_that_names_no_host():
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["$id"].startswith("urn:")


def test_it_has_every_key_of_the_format():
    keys = {field.alias or name for name, field in ScenarioDocument.model_fields.items()}

    assert keys == SCHEMA["properties"].keys()
    assert SCHEMA["additionalProperties"] is False
    assert SCHEMA["required"] == ["scenario", "flows"]


def test_every_property_has_a_description():
    missing = [
        (part.get("description"), name)
        for part in [SCHEMA, *SCHEMA["$defs"].values()]
        for name, node in part.get("properties", {}).items()
        if "description" not in node
    ]

    assert missing == []


def test_every_reference_leads_somewhere():
    references = {node["$ref"] for node in nodes(SCHEMA) if isinstance(node.get("$ref"), str)}

    assert references <= {f"#/$defs/{name}" for name in SCHEMA["$defs"]}


def test_every_pattern_is_a_regular_expression():
    patterns = {node["pattern"] for node in nodes(SCHEMA) if isinstance(node.get("pattern"), str)}

    assert all(re.compile(pattern) for pattern in patterns)


@pytest.mark.parametrize("narrow", ["integer", "number", "boolean"])
def test_where_a_number_or_a_switch_is_expected_a_parameter_may_stand(narrow):
    alternatives = [
        {json.dumps(each, sort_keys=True) for each in node["anyOf"]}
        for node in nodes(SCHEMA)
        if any(each.get("type") == narrow for each in node.get("anyOf", ()))
    ]

    assert all('{"pattern": "\\\\$\\\\{", "type": "string"}' in each for each in alternatives)
