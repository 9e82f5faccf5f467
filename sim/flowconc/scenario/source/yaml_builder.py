"""Builds plain data from YAML's parser events, without recursion and within limits."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NoReturn, cast

import yaml

from flowconc.scenario.problems import BadInput, Position, Problem, Severity
from flowconc.scenario.source.yaml_document import Document, Mark, Node
from flowconc.scenario.source.yaml_scalars import ScalarRules, shortened


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file is read before it is refused."""

    depth: int = 100  # mappings and lists inside each other, aliases followed
    nodes: int = 50_000  # values in all documents, aliases followed


DEFAULT_LIMITS: Final = Limits()
MOST_ERRORS: Final = 50
"""Errors after which reading stops; nobody reads more, and finding out what was meant takes time."""
MOST_WARNINGS: Final = 1_000
"""Warnings of a document that are kept; nobody reads more."""

_MERGE: Final = "<<"
_TAB_AFTER_COLON: Final = re.compile(r" *: *\t")
_TAG_PREFIX: Final = "tag:yaml.org,2002:"
_SCALAR_TAGS: Final[dict[str, tuple[type, ...]]] = {
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "null": (type(None),),
}
_COLLECTION_TAGS: Final = frozenset({"map", "seq", "set", "omap", "pairs"})
_TEXT_TAGS: Final = frozenset({"str", "timestamp", "binary"})


@dataclass(slots=True)
class _Anchored:
    """What an alias can refer to: a finished value, how many nodes it has and how deep it goes."""

    data: object
    node: Node
    size: int
    height: int


class _Frame:
    """A mapping or list that is still being read."""

    __slots__ = ("anchor", "before", "data", "height", "key", "merges", "node")

    def __init__(self, data: dict[str, Any] | list[Any], node: Node, anchor: str | None, before: int) -> None:
        self.data = data
        self.node = node
        self.anchor = anchor
        self.before = before  # nodes read before this one began
        self.height = 1
        self.key: str | None = None  # of a mapping whose next value is due
        self.merges: list[tuple[object, Node]] = []


class Builder:
    """Turns parser events into documents."""

    def __init__(self, path: str, rules: ScalarRules, limits: Limits) -> None:
        self.path = path
        self.rules = rules
        self.limits = limits
        self.documents: list[Document] = []
        self.errors: list[Problem] = []
        self.warnings: list[Problem] = []
        self.stack: list[_Frame] = []
        self.anchors: dict[str, _Anchored | None] = {}  # None: still being read
        self.nodes = 0
        self.lines_with_tabs: dict[int, str] = {}  # by number from 0, where tabs matter
        self._handlers: dict[type, Callable[[Any, Mark], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._mapping_start,
            yaml.SequenceStartEvent: self._sequence_start,
            yaml.MappingEndEvent: self._collection_end,
            yaml.SequenceEndEvent: self._collection_end,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._document_start,
        }

    def take(self, event: yaml.Event) -> None:
        """Take the next event. Raises BadInput when a limit is exceeded, or going on is pointless."""
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(event, cast("Mark", event.start_mark))

    def _document_start(self, _event: yaml.Event, _mark: Mark) -> None:
        self.anchors = {}
        self.warnings = []

    # Values

    def _scalar(self, event: yaml.ScalarEvent, mark: Mark) -> None:
        self._count(1, mark)
        if mark.line in self.lines_with_tabs:
            self._refuse_tabs(mark, cast("Mark", event.end_mark))
        frame = self.stack[-1] if self.stack else None
        if frame is not None and frame.key is None and isinstance(frame.data, dict):
            self._key(frame, event, mark)
            return
        node = Node(mark)
        value = self._scalar_value(event, mark)
        if event.anchor:
            self.anchors[event.anchor] = _Anchored(value, node, 1, 0)
        self._add(value, node)

    def _refuse_tabs(self, start: Mark, end: Mark) -> None:
        """Report a tab next to a scalar: Kestra's parser, unlike PyYAML's, takes only spaces there."""
        before = self.lines_with_tabs[start.line].startswith("\t", max(start.column - 1, 0))
        after = _TAB_AFTER_COLON.match(self.lines_with_tabs.get(end.line, ""), end.column)
        if before or after:
            self._give_up(start if before else end, "Kestra takes no tab here", "spaces")

    def _scalar_value(self, event: yaml.ScalarEvent, mark: Mark) -> object:
        text: str = event.value
        tag: str | None = event.tag
        if tag is None and not event.implicit[0]:
            return text  # quoted
        try:
            if tag == "!":
                return text
            if tag is not None:
                return self._tagged(tag, text, mark)
            if (remark := self.rules.remark(text)) is not None:
                self._warn(mark, remark)
            return self.rules.resolve(text)
        except ValueError as error:
            self._error(mark, str(error), "quotes around it, if it is text")
            return None

    def _tagged(self, tag: str, text: str, mark: Mark) -> object:
        name = tag.removeprefix(_TAG_PREFIX)
        if name in _SCALAR_TAGS and tag != name:
            value = self.rules.resolve(text)
            if isinstance(value, _SCALAR_TAGS[name]):
                return value
            if not self.rules.lenient:
                raise ValueError(f"{shortened(text)!r} is no {name}, as its tag says")
            return text
        if name not in _TEXT_TAGS or tag == name:
            self._unknown_tag(tag, mark)
        return text

    def _unknown_tag(self, tag: str, mark: Mark) -> None:
        shown = tag.replace(_TAG_PREFIX, "!!")
        if self.rules.lenient and not shown.startswith("!!"):
            self._warn(mark, f"Kestra ignores the tag {shortened(shown)}")
        else:
            self._error(mark, f"the tag {shortened(shown)} is not known", "a value without a tag")

    def _key(self, frame: _Frame, event: yaml.ScalarEvent, mark: Mark) -> None:
        key: str = event.value
        if event.anchor:
            self.anchors[event.anchor] = _Anchored(key, Node(mark), 1, 0)
        frame.key = key
        if key == _MERGE and event.implicit[0] and event.tag is None:
            if not self.rules.lenient:
                return
            self._warn(mark, "Kestra does not merge: it reads << as a key like any other")
        first = frame.node.keys.get(key)
        if first is not None:
            if self.rules.lenient:
                self._warn(
                    mark,
                    f"{shortened(key)!r} is there twice; Kestra takes this one, not that in line {first[0]}",
                )
            else:
                self._error(
                    mark, f"{shortened(key)!r} is there twice, first in line {first[0]}", "each key once"
                )
        frame.node.keys[key] = (mark.line + 1, mark.column + 1)

    # Collections

    def _mapping_start(self, event: yaml.MappingStartEvent, mark: Mark) -> None:
        self._collection_start({}, event, mark)

    def _sequence_start(self, event: yaml.SequenceStartEvent, mark: Mark) -> None:
        self._collection_start([], event, mark)

    def _collection_start(
        self, data: dict[str, Any] | list[Any], event: yaml.CollectionStartEvent, mark: Mark
    ) -> None:
        self._count(1, mark)
        if len(self.stack) >= self.limits.depth:
            self._give_up(
                mark, "mappings and lists are nested too deeply", f"at most {self.limits.depth} levels"
            )
        if self.stack and self.stack[-1].key is None and isinstance(self.stack[-1].data, dict):
            self._give_up(
                mark, "a mapping or list cannot be a key", "text (quote it, if it is meant as text)"
            )
        if event.tag is not None and event.tag != "!":
            name = event.tag.removeprefix(_TAG_PREFIX)
            if name not in _COLLECTION_TAGS or name == event.tag:
                self._unknown_tag(event.tag, mark)
        if event.anchor:
            self.anchors[event.anchor] = None
        self.stack.append(_Frame(data, Node(mark, is_leaf=False), event.anchor, self.nodes - 1))

    def _collection_end(self, _event: yaml.Event, _mark: Mark) -> None:
        frame = self.stack.pop()
        for data, node in frame.merges:
            self._merge(frame, data, node)
        if frame.anchor:
            size = self.nodes - frame.before
            self.anchors[frame.anchor] = _Anchored(frame.data, frame.node, size, frame.height)
        if self.stack:
            self.stack[-1].height = max(self.stack[-1].height, frame.height + 1)
        self._add(frame.data, frame.node)

    def _merge(self, frame: _Frame, data: object, node: Node) -> None:
        """Add what `<<` refers to; keys that are written out, or merged before, win."""
        sources = zip(data, node.children.values(), strict=True) if isinstance(data, list) else [(data, node)]
        for source, place in sources:
            if not isinstance(source, dict):
                position = Position(self.path, place.line, place.column)
                self.errors.append(
                    Problem(position, "<< can merge only mappings", "a mapping or a list of mappings")
                )
                continue
            for key, value in source.items():
                if key not in frame.data:
                    frame.data[key] = value
                    frame.node.children[key] = place.children[key]
                    frame.node.keys[key] = place.keys[key]

    # Aliases

    def _alias(self, event: yaml.AliasEvent, mark: Mark) -> None:
        name = str(event.anchor)
        if self.stack and self.stack[-1].key is None and isinstance(self.stack[-1].data, dict):
            self._give_up(mark, "an alias cannot be a key", "text")
        node = Node(mark)
        if self.rules.lenient:
            self._count(1, mark)
            self._warn(mark, f"Kestra does not follow aliases: it reads *{shortened(name)} as text")
            self._add(name, node)
            return
        if name not in self.anchors:
            self._error(mark, f"there is no anchor &{shortened(name)} before this alias")
            self._add(None, node)
            return
        anchored = self.anchors[name]
        if anchored is None:
            self._give_up(
                mark, f"*{shortened(name)} refers to what contains it", "an alias to a finished value"
            )
        self._count(anchored.size, mark)
        if len(self.stack) + anchored.height > self.limits.depth:
            self._give_up(
                mark, "mappings and lists are nested too deeply", f"at most {self.limits.depth} levels"
            )
        if self.stack:
            self.stack[-1].height = max(self.stack[-1].height, anchored.height + 1)
        node.children = anchored.node.children
        node.keys = anchored.node.keys
        self._add(anchored.data, node)

    # Shared

    def _add(self, value: object, node: Node) -> None:
        """Put a finished value where it belongs."""
        if not self.stack:
            self.documents.append(Document(value, self.path, tuple(self.warnings), node))
            return
        frame = self.stack[-1]
        if isinstance(frame.data, list):
            frame.node.children[len(frame.data)] = node
            frame.data.append(value)
        elif frame.key == _MERGE and _MERGE not in frame.node.keys:
            frame.merges.append((value, node))
        elif frame.key is not None:
            frame.node.children[frame.key] = node
            frame.data[frame.key] = value
        frame.key = None

    def _count(self, nodes: int, mark: Mark) -> None:
        self.nodes += nodes
        if self.nodes > self.limits.nodes:
            self._give_up(
                mark, "there are too many values", f"at most {self.limits.nodes:,}, aliases followed"
            )

    def _error(self, mark: Mark, what: str, expected: str | None = None) -> None:
        self.errors.append(Problem(self._position(mark), what, expected))
        if len(self.errors) >= MOST_ERRORS:
            raise BadInput(self.errors)

    def _give_up(self, mark: Mark, what: str, expected: str) -> NoReturn:
        self._error(mark, what, expected)
        raise BadInput(self.errors)

    def _warn(self, mark: Mark, what: str) -> None:
        if len(self.warnings) < MOST_WARNINGS:
            self.warnings.append(Problem(self._position(mark), what, severity=Severity.WARNING))

    def _position(self, mark: Mark) -> Position:
        return Position(self.path, mark.line + 1, mark.column + 1)
