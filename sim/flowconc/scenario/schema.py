"""The JSON Schema of scenario files, made from the models that read them.

`python -m flowconc.scenario.schema` writes it anew; a test says when that is due.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import WithDefaultSchema

from flowconc.scenario.document.scenario import ScenarioDocument

SCHEMA_FILE: Final = Path(__file__).with_name("flowconc.schema.json")
"""The copy that is shipped, for editors and `flowconc schema`."""

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
IDENTIFIER: Final = "urn:flowconc:scenario:1"


class _WithoutDefaults(GenerateJsonSchema):
    """Leaves defaults out: the models hold them as the program does, times in microseconds."""

    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])


_PARAMETER: Final = {"type": "string", "pattern": r"\$\{"}
_NARROW: Final = frozenset({"integer", "number", "boolean"})
_ANNOTATIONS: Final = ("description", "examples")


def scenario_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of one document of a scenario file, version 1.

    It is looser than the reader: of texts that have a language of their own it knows the rough form, and any
    value may be a parameter, `${name}`.
    """
    schema = ScenarioDocument.model_json_schema(schema_generator=_WithoutDefaults)
    parametrize = schema["properties"].pop("parametrize")
    schema = _loosened(schema)
    schema["properties"]["parametrize"] = parametrize
    return {"$schema": DIALECT, "$id": IDENTIFIER, "title": "flowconc scenario", **schema}


def schema_text() -> str:
    """Return the schema as it is shipped."""
    return json.dumps(scenario_schema(), indent=2, ensure_ascii=False) + "\n"


def _loosened(node: Any) -> Any:
    """Return a schema without generated titles, where a narrow value may be a parameter too."""
    if isinstance(node, list):
        return [_loosened(each) for each in node]
    if not isinstance(node, dict):
        return node
    loose = {
        key: {name: _loosened(each) for name, each in value.items()}
        if key in ("properties", "$defs")
        else value
        if key in ("propertyNames", "enum", "examples", "required")
        else _loosened(value)
        for key, value in node.items()
        if key != "title"
    }
    if not ("pattern" in loose or "enum" in loose or str(loose.get("type")) in _NARROW):
        return loose
    about = {key: loose.pop(key) for key in _ANNOTATIONS if key in loose}
    return {"anyOf": [loose, _PARAMETER], **about}


if __name__ == "__main__":
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")
