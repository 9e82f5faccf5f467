"""Plain data -> YAML text that `yaml_source` reads back as the same data.

The layout is that of the documentation's examples: blocks, whose short entries stand on one line.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import yaml

from flowconc.scenario.source.yaml_scalars import core_scalar

WIDTH: Final = 100
"""Columns that an entry on one line may take."""

_INDENT: Final = 2
_TEXT: Final = "tag:yaml.org,2002:str"


def yaml_text(data: Mapping[str, Any]) -> str:
    """Return a document: plain data (dict, list, str, int, float, bool, None) as YAML."""
    writer = _Writer()
    node = writer.represent_data(dict(data))
    for _, value in node.value:
        _lay_out(value, _INDENT)
    text: str = yaml.serialize(node, Dumper=_Dumper, width=4 * WIDTH, indent=_INDENT, allow_unicode=True)
    return text


class _Writer(yaml.representer.SafeRepresenter):
    """Makes nodes of data. Nothing is an anchor: what is shared is written out each time."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_mapping(
        self, tag: str, mapping: Any, flow_style: bool | None = None
    ) -> yaml.nodes.MappingNode:
        pairs = [(self.represent_data(key), self.represent_data(value)) for key, value in mapping.items()]
        return yaml.nodes.MappingNode(tag, pairs, flow_style=False)

    def represent_sequence(
        self, tag: str, sequence: Any, flow_style: bool | None = None
    ) -> yaml.nodes.SequenceNode:
        return yaml.nodes.SequenceNode(
            tag, [self.represent_data(each) for each in sequence], flow_style=False
        )

    def represent_str(self, data: str) -> yaml.nodes.ScalarNode:
        """Quote what the core schema takes for something else than text; longer texts stand line by line."""
        if "\n" in data:
            return yaml.nodes.ScalarNode(_TEXT, data, style="|")
        return yaml.nodes.ScalarNode(_TEXT, data, style=None if _is_plain(data) else '"')


_Writer.add_representer(str, _Writer.represent_str)
_Writer.add_representer(dict, _Writer.represent_dict)
_Writer.add_representer(list, _Writer.represent_list)


class _Dumper(yaml.SafeDumper):
    """Writes lists with their dashes indented."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, indentless=False)


def _is_plain(text: str) -> bool:
    try:
        return isinstance(core_scalar(text), str)
    except ValueError:  # a number beyond any range
        return False


def _lay_out(node: yaml.Node, column: int) -> None:
    """Put a mapping or a list on one line where it fits, and look at its parts where it does not."""
    if isinstance(node, yaml.nodes.ScalarNode):
        return
    if _is_single_line(node) and column + _width(node) <= WIDTH and not _holds_lists_of_mappings(node):
        _flow(node)
        return
    for part in _parts(node):
        _lay_out(part, column + _INDENT)


def _parts(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.nodes.MappingNode):
        return [value for _, value in node.value]
    return list(node.value)


def _flow(node: yaml.Node) -> None:
    if isinstance(node, yaml.nodes.CollectionNode):
        node.flow_style = True
        for part in _parts(node):
            _flow(part)


def _is_single_line(node: yaml.Node) -> bool:
    if isinstance(node, yaml.nodes.ScalarNode):
        return "\n" not in node.value
    return all(_is_single_line(part) for part in _parts(node))


def _holds_lists_of_mappings(node: yaml.Node) -> bool:
    """Say whether this is a list whose entries deserve a line each: `arrivals`, `actions`."""
    return isinstance(node, yaml.nodes.SequenceNode) and any(
        isinstance(part, yaml.nodes.MappingNode) for part in node.value
    )


def _width(node: yaml.Node) -> int:
    """Return about how many columns a node takes on one line."""
    if isinstance(node, yaml.nodes.ScalarNode):
        return len(node.value) + 2
    if isinstance(node, yaml.nodes.MappingNode):
        return 2 + sum(len(key.value) + 2 + _width(value) for key, value in node.value)
    return 2 + sum(_width(part) for part in node.value)
