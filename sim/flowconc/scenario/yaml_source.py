"""YAML with positions, read so that hostile input ends in a sentence.

PyYAML's parser gives events; this module builds plain Python data from them without recursion, so that depth
and size are bounded before anything can overflow. What a plain scalar means, and what becomes of duplicate
keys, aliases and tags, differs between scenario files and Kestra's flow files: see `ScalarRules`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NoReturn, Protocol, cast

import yaml

from flowconc.scenario.problems import BadInput, Position, Problem, Severity
from flowconc.scenario.text_file import read_text
from flowconc.scenario.yaml_scalars import CORE, ScalarRules, core_scalar, shortened

__all__ = ["CORE", "Document", "Limits", "Loc", "ScalarRules", "core_scalar", "documents", "read_text"]

Loc = tuple[str | int, ...]
"""A way down into a document: mapping keys and list indexes, as pydantic writes it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file is read before it is refused."""

    depth: int = 100  # mappings and lists inside each other, aliases followed
    nodes: int = 100_000  # values, aliases followed


DEFAULT_LIMITS: Final = Limits()


# --- documents ------------------------------------------------------------------------------------------------


class _Mark(Protocol):
    """A place in the text, counted from 0."""

    line: int
    column: int


class _Node:
    """Where a value stands, and where the values inside it stand."""

    __slots__ = ("children", "column", "keys", "line")

    def __init__(self, mark: _Mark) -> None:
        self.line: int = mark.line + 1
        self.column: int = mark.column + 1
        self.children: dict[str | int, _Node] = {}
        self.keys: dict[str, tuple[int, int]] = {}


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document: plain data (dict, list, str, int, float, bool, None), and where each part of it stands.

    Aliases share their data: it is not to be changed in place.
    """

    data: Any
    path: str
    warnings: tuple[Problem, ...]
    _root: _Node

    @property
    def position(self) -> Position:
        """Where the document's data begins."""
        return Position(self.path, self._root.line, self._root.column)

    def locate(self, loc: Loc, *, key: bool = False) -> Position:
        """Return the position of the value at `loc`, or of its key.

        Where `loc` leads nowhere, that of the innermost value on the way that is there: a missing key is
        reported at the mapping that lacks it.
        """
        node = self._root
        place = (node.line, node.column)
        for step in loc:
            child = node.children.get(step)
            if child is None:
                break
            place = (child.line, child.column)
            if key and isinstance(step, str):
                place = node.keys[step]
            node = child
        else:
            return Position(self.path, *place)
        return Position(self.path, node.line, node.column)


def documents(
    text: str, path: str, *, scalars: ScalarRules = CORE, limits: Limits = DEFAULT_LIMITS
) -> tuple[Document, ...]:
    """Return the documents in `text`; `path` is the file's name in messages. Text without content has none.

    Raises BadInput: with a syntax error, or with all errors of other kinds up to the first that makes going on
    pointless (a limit of `limits` exceeded).
    """
    builder = _Builder(path, scalars, limits)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except yaml.YAMLError as error:
        raise BadInput([*builder.errors, _syntax_problem(error, text, path)]) from None
    if builder.errors:
        raise BadInput(builder.errors)
    return tuple(builder.documents)


_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MERGE: Final = "<<"
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
    node: _Node
    size: int
    height: int


class _Frame:
    """A mapping or list that is still being read."""

    __slots__ = ("anchor", "before", "data", "height", "key", "merges", "node")

    def __init__(
        self, data: dict[str, Any] | list[Any], node: _Node, anchor: str | None, before: int
    ) -> None:
        self.data = data
        self.node = node
        self.anchor = anchor
        self.before = before  # nodes read before this one began
        self.height = 1
        self.key: str | None = None  # of a mapping whose next value is due
        self.merges: list[tuple[object, _Node]] = []


class _Builder:
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
        self._handlers: dict[type, Callable[[Any, _Mark], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._mapping_start,
            yaml.SequenceStartEvent: self._sequence_start,
            yaml.MappingEndEvent: self._collection_end,
            yaml.SequenceEndEvent: self._collection_end,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._document_start,
        }

    def take(self, event: yaml.Event) -> None:
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(event, cast("_Mark", event.start_mark))

    def _document_start(self, _event: yaml.Event, _mark: _Mark) -> None:
        self.anchors = {}
        self.warnings = []
        self.nodes = 0

    # Values

    def _scalar(self, event: yaml.ScalarEvent, mark: _Mark) -> None:
        self._count(1, mark)
        frame = self.stack[-1] if self.stack else None
        if frame is not None and frame.key is None and isinstance(frame.data, dict):
            self._key(frame, event, mark)
            return
        node = _Node(mark)
        value = self._scalar_value(event, mark)
        if event.anchor:
            self.anchors[event.anchor] = _Anchored(value, node, 1, 0)
        self._add(value, node)

    def _scalar_value(self, event: yaml.ScalarEvent, mark: _Mark) -> object:
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

    def _tagged(self, tag: str, text: str, mark: _Mark) -> object:
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

    def _unknown_tag(self, tag: str, mark: _Mark) -> None:
        shown = tag.replace(_TAG_PREFIX, "!!")
        if self.rules.lenient and not shown.startswith("!!"):
            self._warn(mark, f"Kestra ignores the tag {shortened(shown)}")
        else:
            self._error(mark, f"the tag {shortened(shown)} is not known", "a value without a tag")

    def _key(self, frame: _Frame, event: yaml.ScalarEvent, mark: _Mark) -> None:
        key: str = event.value
        if event.anchor:
            self.anchors[event.anchor] = _Anchored(key, _Node(mark), 1, 0)
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

    def _mapping_start(self, event: yaml.MappingStartEvent, mark: _Mark) -> None:
        self._collection_start({}, event, mark)

    def _sequence_start(self, event: yaml.SequenceStartEvent, mark: _Mark) -> None:
        self._collection_start([], event, mark)

    def _collection_start(
        self, data: dict[str, Any] | list[Any], event: yaml.CollectionStartEvent, mark: _Mark
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
        self.stack.append(_Frame(data, _Node(mark), event.anchor, self.nodes - 1))

    def _collection_end(self, _event: yaml.Event, _mark: _Mark) -> None:
        frame = self.stack.pop()
        for data, node in frame.merges:
            self._merge(frame, data, node)
        if frame.anchor:
            size = self.nodes - frame.before
            self.anchors[frame.anchor] = _Anchored(frame.data, frame.node, size, frame.height)
        if self.stack:
            self.stack[-1].height = max(self.stack[-1].height, frame.height + 1)
        self._add(frame.data, frame.node)

    def _merge(self, frame: _Frame, data: object, node: _Node) -> None:
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

    def _alias(self, event: yaml.AliasEvent, mark: _Mark) -> None:
        name = str(event.anchor)
        if self.stack and self.stack[-1].key is None and isinstance(self.stack[-1].data, dict):
            self._give_up(mark, "an alias cannot be a key", "text")
        node = _Node(mark)
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

    def _add(self, value: object, node: _Node) -> None:
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

    def _count(self, nodes: int, mark: _Mark) -> None:
        self.nodes += nodes
        if self.nodes > self.limits.nodes:
            self._give_up(
                mark, "there are too many values", f"at most {self.limits.nodes:,}, aliases followed"
            )

    def _error(self, mark: _Mark, what: str, expected: str | None = None) -> None:
        self.errors.append(Problem(self._position(mark), what, expected))

    def _give_up(self, mark: _Mark, what: str, expected: str) -> NoReturn:
        self._error(mark, what, expected)
        raise BadInput(self.errors)

    def _warn(self, mark: _Mark, what: str) -> None:
        self.warnings.append(Problem(self._position(mark), what, severity=Severity.WARNING))

    def _position(self, mark: _Mark) -> Position:
        return Position(self.path, mark.line + 1, mark.column + 1)


# --- syntax errors --------------------------------------------------------------------------------------------

_UNQUOTED_PARAMETER: Final = re.compile(r"\$\{[^}\n]*\}")


def _syntax_problem(error: yaml.YAMLError, text: str, path: str) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return Problem(Position(path), f"this is not YAML ({shortened(str(error))})")
    position = Position(path, mark.line + 1, mark.column + 1)
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    if line[: mark.column + 1].strip(" ").startswith("\t"):
        return Problem(position, "a tab cannot indent YAML", "spaces")
    parts = (getattr(error, "context", None), getattr(error, "problem", None))
    reason = " ".join(str(part) for part in parts if part)
    parameter = _UNQUOTED_PARAMETER.search(line)
    suggestion = f'"{parameter[0]}"' if parameter and "{" in line[: parameter.start()] else None
    return Problem(position, f"this is not YAML ({reason})", suggestion=suggestion)
