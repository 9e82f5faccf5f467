"""Hand-made traces: a run written down as lines, so that a check can be shown exactly the run it must judge.

    trace_of(
        "0s flow f limit=1",
        "0s admit a",
        "0s queue b",
        "10s end a; release a",
        "10s pop b",
        "20s end b; release b",
    )

A line is `TIME WORD ARGUMENTS`; several that share a time are joined by `;`. Times are `10s`, `1.5s`, `250ms`,
`7us`, `2m`, `1h`. Single events:

    flow KEY [limit=N] [BEHAVIOR]          gate NAME admit|queue|cancel|fail    lock TRIGGER NAME
    drop_flow KEY                          claim NAME                           unlock TRIGGER NAME
    create NAME [SOURCE] [of=FLOW]         release NAME                         disable TRIGGER [of=FLOW]
    state NAME STATE [WHY]                 forced NAME                          enable TRIGGER [of=FLOW]
    start NAME [TASK] [before=ATTEMPT]     deleted NAME                         fire TRIGGER NAME planned=TIME [backfill=N]
    finish NAME [STATE] [TASK]             refused FLOW WHY                     skip TRIGGER HOLDER planned=TIME
    lock_wait NAME TIME ROW                transaction NAME TIME STEP           applied|ignored|action_refused VERB [NAME]
    set_counter KEY NUMBER [WHY]           claim NAME scope=SCOPE               release NAME scope=SCOPE
    scope SCOPE [limit=N] [BEHAVIOR]       backfill TRIGGER FROM TO             deadlock NAME COUNT ROW...
    down|up COMPONENT                      step_failed|lost|repeated NAME STEP  delayed NAME STEP by=TIME
    sla NAME SLA                           healed
    over drained|until|max_events

Whole stories, as the documented protocol tells them:

    admit NAME [SOURCE] [of=FLOW]          create, gate admit, claim, state RUNNING, start
    queue NAME [SOURCE] [of=FLOW]          create, gate queue, state QUEUED
    reject NAME CANCELLED|FAILED           create, gate cancel or fail, state
    pop NAME                               claim, state RUNNING, start
    end NAME [STATE]                       finish, state (SUCCESS when none is given); no release
    kill NAME                              applied, state KILLING, finish if it ran, state KILLED; no release

What only an operator does (`forced`, `deleted`, `state NAME KILLING`, a restart, a changed status) comes behind the
operator's action, as the protocol tells it, unless the lines have that already, or say `unasked=yes`.
Counters, counts, limits and revisions follow from the lines before; `before=`, `after=`, `running=`, `queued=`,
`revision=`, `cause=`, `actor=` on a single event overrule what it would say. A flow that nobody names is the one
saved last. What is told of an execution has the revision that it was created on. A trace ends with `over drained`
unless it says otherwise. It is one of the documented contract; `semantics="kestra-2.0.0"` makes it an engine's.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable

import numpy as np

from flowconc.protocol.events import STATE_KINDS, Kind
from flowconc.protocol.states import FINAL, State
from flowconc.trace.jsonl import write_jsonl
from flowconc.trace.trace import NOTHING, RECORD, STATE_CODES, Header, Trace

UNITS_US = {"us": 1, "ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000}

GATE_STATES = {"queue": State.QUEUED, "cancel": State.CANCELLED, "fail": State.FAILED}


def us(text: str) -> int:
    """Read a time such as `1.5s` as microseconds."""
    number = text.rstrip("smhu")
    return round(float(number) * UNITS_US[text[len(number) :]])


def trace_of(
    *lines: str,
    until: str | None = None,
    warmup: str = "0s",
    connections: int | None = None,
    replication: int = 0,
    semantics: str = "documented",
) -> Trace:
    """Return the trace that the lines describe."""
    writer = _Writer()
    for line in lines:
        time, _, rest = line.strip().partition(" ")
        for story in rest.split(";"):
            writer.tell(us(time), story.split())
    if not writer.over:
        writer.tell(writer.t_us, ["over", "drained"])
    header = Header(
        scenario="hand-made",
        semantics=semantics,
        seed=1,
        replication=replication,
        flowconc_version="0",
        clock_start="2026-01-01T00:00:00+00:00",
        warmup_us=us(warmup),
        until_us=None if until is None else us(until),
        connections=connections,
    )
    return writer.trace(header)


class _Writer:
    """Keeps just enough books to fill in what the lines leave out."""

    def __init__(self) -> None:
        self.t_us = 0
        self.over = False
        self.rows: list[tuple[int, ...]] = []
        self.tables: dict[str, dict[str, int]] = {"names": {}, "flows": {}, "actors": {}, "details": {}}
        self.current_flow: str | None = None
        self.flow_of: dict[str, str] = {}
        self.state_of: dict[str, State] = {}
        self.limit: dict[str, int | None] = {}
        self.revision: Counter[str] = Counter()
        self.born_on: dict[str, int] = {}
        self.counter: Counter[str] = Counter()
        self.asked: set[tuple[str, str]] = set()

    def tell(self, t_us: int, words: list[str]) -> None:
        self.t_us = t_us
        word, *rest = words
        options = dict(item.split("=", 1) for item in rest if "=" in item)
        arguments = [item for item in rest if "=" not in item]
        WORDS[word](self, arguments, options)

    def write(
        self,
        kind: Kind,
        options: dict[str, str],
        *,
        name: str | None = None,
        flow: str | None = None,
        before: State | int | None = None,
        after: State | int | None = None,
        detail: str | None = None,
        actor: str = "executor",
    ) -> None:
        flow = flow or (self.flow_of.get(name) if name else None) or options.get("of")
        if "before" in options:
            before = _value(kind, options["before"])
        if "after" in options:
            after = _value(kind, options["after"])
        self._apply(kind, name, flow, after, None if kind is Kind.COUNTER_SET else detail)
        numbers = {"running": -1, "queued": -1, "revision": -1}
        if flow is not None:
            inside = Counter(
                self.state_of[it] for it, of in self.flow_of.items() if of == flow and it in self.state_of
            )
            numbers = {
                "running": inside[State.RUNNING],
                "queued": inside[State.QUEUED],
                "revision": self.born_on.get(name or "", self.revision[flow]),
            }
        numbers |= {key: int(options[key]) for key in numbers if key in options}
        self.rows.append(
            (
                self.t_us,
                _code(before),
                _code(after),
                int(options.get("cause", -1)),
                self._index("names", name),
                numbers["revision"],
                numbers["running"],
                numbers["queued"],
                self._index("details", detail),
                self._index("flows", flow),
                self._index("actors", options.get("actor", actor)),
                int(kind),
            )
        )

    def _apply(
        self, kind: Kind, name: str | None, flow: str | None, after: State | int | None, scope: str | None
    ) -> None:
        if (
            kind in (Kind.CLAIM, Kind.RELEASE, Kind.COUNTER_SET)
            and flow is not None
            and isinstance(after, int)
        ):
            self.counter[scope or flow] = after
        if name is not None and isinstance(after, State) and kind in (Kind.CREATED, Kind.STATE):
            self.state_of[name] = after
        if name is not None and kind is Kind.DELETED:
            self.state_of.pop(name, None)

    def _index(self, table: str, word: str | None) -> int:
        return -1 if word is None else self.tables[table].setdefault(word, len(self.tables[table]))

    def trace(self, header: Header) -> Trace:
        return Trace(
            header,
            np.array(self.rows, dtype=RECORD),
            **{table: tuple(words) for table, words in self.tables.items()},
        )

    # --- single events

    def flow(self, arguments: list[str], options: dict[str, str]) -> None:
        key, *behavior = arguments
        before = self.limit.get(key)
        self.current_flow = key
        self.revision[key] += 1
        self.limit[key] = int(options["limit"]) if "limit" in options else None
        detail = (behavior[0] if behavior else "QUEUE") if "limit" in options else None
        self.write(
            Kind.FLOW_SAVED,
            options,
            flow=key,
            before=before,
            after=self.limit[key],
            detail=detail,
            actor="operator",
        )

    def drop_flow(self, arguments: list[str], options: dict[str, str]) -> None:
        self.write(Kind.FLOW_DELETED, options, flow=arguments[0], actor="operator")

    def create(self, arguments: list[str], options: dict[str, str]) -> None:
        name, source = arguments[0], (arguments[1:] or ["api"])[0]
        flow = options.get("of") or self.current_flow
        assert flow is not None, "save a flow first"
        self.flow_of[name] = flow
        self.born_on[name] = self.revision[flow]
        actor = f"source:{source.partition(':')[0]}"
        self.write(Kind.CREATED, options, name=name, after=State.CREATED, detail=source, actor=actor)

    def state(self, arguments: list[str], options: dict[str, str]) -> None:
        name, after, *why = arguments
        before = self.state_of.get(name)
        detail = why[0] if why else "tasks"
        self._ask(name, _verb(before, State(after), detail), options)
        self.write(Kind.STATE, options, name=name, before=before, after=State(after), detail=detail)

    def gate(self, arguments: list[str], options: dict[str, str]) -> None:
        name, answer = arguments
        flow = self.flow_of[name]
        self.write(
            Kind.GATE,
            options,
            name=name,
            before=self.counter[flow],
            after=self.limit.get(flow),
            detail=answer,
        )

    def claim(self, arguments: list[str], options: dict[str, str]) -> None:
        self._count(Kind.CLAIM, arguments[0], options, +1)

    def release(self, arguments: list[str], options: dict[str, str]) -> None:
        self._count(Kind.RELEASE, arguments[0], options, -1)

    def _count(self, kind: Kind, name: str, options: dict[str, str], step: int) -> None:
        """Count up or down: the flow's own counter, or that of a wider scope, which has its name in `detail`."""
        scope = options.get("scope")
        before = int(options.get("before", self.counter[scope or self.flow_of[name]]))
        self.write(kind, options, name=name, before=before, after=before + step, detail=scope)

    def set_counter(self, arguments: list[str], options: dict[str, str]) -> None:
        key, number, *why = arguments
        self.write(
            Kind.COUNTER_SET,
            options,
            flow=key,
            before=self.counter[key],
            after=int(number),
            detail=why[0] if why else "set_counter",
            actor="operator",
        )

    def forced(self, arguments: list[str], options: dict[str, str]) -> None:
        self._ask(arguments[0], "force_run", options)
        self.write(Kind.FORCED, options, name=arguments[0])

    def start(self, arguments: list[str], options: dict[str, str]) -> None:
        name, *task = arguments
        detail = task[0] if task else "work"
        self.write(Kind.TASK_STARTED, options, name=name, before=1, after=0, detail=detail, actor="worker")

    def finish(self, arguments: list[str], options: dict[str, str]) -> None:
        name, *rest = arguments
        after = State(rest[0]) if rest else State.SUCCESS
        detail = rest[1] if rest[1:] else "work"
        self.write(Kind.TASK_ENDED, options, name=name, after=after, detail=detail, actor="worker")

    def deleted(self, arguments: list[str], options: dict[str, str]) -> None:
        name = arguments[0]
        self._ask(name, "delete", options)
        self.write(Kind.DELETED, options, name=name, before=self.state_of.get(name), actor="operator")

    def fire(self, arguments: list[str], options: dict[str, str]) -> None:
        self._fire(Kind.FIRE, arguments, options)

    def skip(self, arguments: list[str], options: dict[str, str]) -> None:
        self._fire(Kind.FIRE_SKIPPED, arguments, options)

    def _fire(self, kind: Kind, arguments: list[str], options: dict[str, str]) -> None:
        trigger, name = arguments
        planned_us = us(options["planned"]) if "planned" in options else self.t_us
        flow = self.flow_of.get(name) or options.get("of") or self.current_flow
        again = int(options["backfill"]) if "backfill" in options else None
        self.write(
            kind,
            options,
            name=name,
            flow=flow,
            before=planned_us,
            after=again,
            detail=trigger,
            actor="scheduler",
        )

    def _trigger(self, kind: Kind, arguments: list[str], options: dict[str, str]) -> None:
        trigger, *name = arguments
        holder = name[0] if name else None
        flow = self.flow_of.get(holder or "") or options.get("of") or self.current_flow
        self.write(kind, options, name=holder, flow=flow, detail=trigger, actor="scheduler")

    def _action(self, kind: Kind, arguments: list[str], options: dict[str, str]) -> None:
        verb, *name = arguments
        if name and kind is Kind.ACTION_APPLIED:
            self.asked.add((name[0], verb))
        who = name[0] if name else None
        self.write(kind, options, name=who, flow=options.get("of"), detail=verb, actor="operator")

    def _ask(self, name: str, verb: str | None, options: dict[str, str]) -> None:
        """Tell of the operator's action, unless it has been told, or nobody asked."""
        if verb is not None and (name, verb) not in self.asked and "unasked" not in options:
            self._action(Kind.ACTION_APPLIED, [verb, name], {})
        self.asked.discard((name, verb or ""))

    def refused(self, arguments: list[str], options: dict[str, str]) -> None:
        flow, why = arguments
        self.write(Kind.ARRIVAL_REFUSED, options, flow=flow, detail=why, actor="source:api")

    def lock_wait(self, arguments: list[str], options: dict[str, str]) -> None:
        name, wait, row = arguments
        self.write(Kind.LOCK_WAIT, options, name=name, before=us(wait), after=0, detail=row)

    def transaction(self, arguments: list[str], options: dict[str, str]) -> None:
        name, held, step = arguments
        self.write(Kind.TRANSACTION, options, name=name, before=us(held), after=0, detail=step)

    def scope(self, arguments: list[str], options: dict[str, str]) -> None:
        name, *behavior = arguments
        before = self.limit.get(name)
        self.limit[name] = int(options["limit"]) if "limit" in options else None
        detail = f"{name} {behavior[0] if behavior else 'QUEUE'}" if "limit" in options else name
        self.write(
            Kind.SCOPE_SAVED, options, before=before, after=self.limit[name], detail=detail, actor="operator"
        )

    def _component(self, kind: Kind, arguments: list[str], options: dict[str, str]) -> None:
        self.write(kind, options, before=0, detail=arguments[0], actor="clock")

    def _fault(self, kind: Kind, arguments: list[str], options: dict[str, str]) -> None:
        name, step = arguments
        by = us(options["by"]) if "by" in options else None
        self.write(kind, options, name=name, before=by, detail=step)

    def backfill(self, arguments: list[str], options: dict[str, str]) -> None:
        trigger, first, last = arguments
        flow = options.get("of") or self.current_flow
        self.write(
            Kind.BACKFILL,
            options,
            flow=flow,
            before=us(first),
            after=us(last),
            detail=trigger,
            actor="operator",
        )

    def deadlock(self, arguments: list[str], options: dict[str, str]) -> None:
        name, count, *rows = arguments
        self.write(Kind.DEADLOCK, options, name=name, before=int(count), after=0, detail=", ".join(rows))

    def sla(self, arguments: list[str], options: dict[str, str]) -> None:
        name, sla = arguments
        self.write(Kind.SLA_BROKEN, options, name=name, detail=sla)

    def healed(self, arguments: list[str], options: dict[str, str]) -> None:
        self.write(Kind.HEALED, options, actor="clock")

    def end_run(self, arguments: list[str], options: dict[str, str]) -> None:
        self.over = True
        self.write(Kind.RUN_ENDED, options, detail=arguments[0], actor="clock")

    # --- whole stories

    def admit(self, arguments: list[str], options: dict[str, str]) -> None:
        name = arguments[0]
        self.create(arguments, options)
        self.gate([name, "admit"], {})
        self.claim([name], {})
        self.state([name, "RUNNING", "gate"], {})
        self.start([name], {})

    def turn_away(self, answer: str, name: str, source: list[str], options: dict[str, str]) -> None:
        self.create([name, *source], options)
        self.gate([name, answer], {})
        self.state([name, GATE_STATES[answer], "gate"], {})

    def queue(self, arguments: list[str], options: dict[str, str]) -> None:
        self.turn_away("queue", arguments[0], arguments[1:], options)

    def reject(self, arguments: list[str], options: dict[str, str]) -> None:
        name, state, *source = arguments
        self.turn_away({"CANCELLED": "cancel", "FAILED": "fail"}[state], name, source, options)

    def pop(self, arguments: list[str], options: dict[str, str]) -> None:
        name = arguments[0]
        self.claim([name], {})
        self.state([name, "RUNNING", "pop"], {})
        self.start([name], {})

    def end(self, arguments: list[str], options: dict[str, str]) -> None:
        name, *rest = arguments
        state = rest[0] if rest else "SUCCESS"
        self.finish([name, state], {})
        self.state([name, state, "tasks"], {})

    def kill(self, arguments: list[str], options: dict[str, str]) -> None:
        name = arguments[0]
        ran = self.state_of[name] is State.RUNNING
        self._action(Kind.ACTION_APPLIED, ["kill", name], {})
        self.state([name, "KILLING", "kill"], {})
        if ran:
            self.finish([name, "KILLED"], {})
        self.state([name, "KILLED", "kill"], {})


def _verb(before: State | None, after: State, why: str) -> str | None:
    """Return what an operator must have done for this move, if that is the only way."""
    if after is State.KILLING and before is not State.KILLING:
        return "kill"
    if before in FINAL and after is State.RESTARTED:
        return "restart"
    return "change_status" if why == "change_status" else None


Word = Callable[[_Writer, list[str], dict[str, str]], None]


def _of_kind(method: Callable[[_Writer, Kind, list[str], dict[str, str]], None], kind: Kind) -> Word:
    return lambda writer, arguments, options: method(writer, kind, arguments, options)


WORDS: dict[str, Word] = {
    "flow": _Writer.flow,
    "drop_flow": _Writer.drop_flow,
    "create": _Writer.create,
    "state": _Writer.state,
    "gate": _Writer.gate,
    "claim": _Writer.claim,
    "release": _Writer.release,
    "set_counter": _Writer.set_counter,
    "forced": _Writer.forced,
    "start": _Writer.start,
    "finish": _Writer.finish,
    "deleted": _Writer.deleted,
    "fire": _Writer.fire,
    "skip": _Writer.skip,
    "lock": _of_kind(_Writer._trigger, Kind.TRIGGER_LOCKED),
    "unlock": _of_kind(_Writer._trigger, Kind.TRIGGER_UNLOCKED),
    "disable": _of_kind(_Writer._trigger, Kind.TRIGGER_DISABLED),
    "enable": _of_kind(_Writer._trigger, Kind.TRIGGER_ENABLED),
    "applied": _of_kind(_Writer._action, Kind.ACTION_APPLIED),
    "ignored": _of_kind(_Writer._action, Kind.ACTION_IGNORED),
    "action_refused": _of_kind(_Writer._action, Kind.ACTION_REFUSED),
    "refused": _Writer.refused,
    "lock_wait": _Writer.lock_wait,
    "transaction": _Writer.transaction,
    "scope": _Writer.scope,
    "down": _of_kind(_Writer._component, Kind.COMPONENT_DOWN),
    "up": _of_kind(_Writer._component, Kind.COMPONENT_UP),
    "step_failed": _of_kind(_Writer._fault, Kind.STEP_FAILED),
    "lost": _of_kind(_Writer._fault, Kind.MESSAGE_LOST),
    "repeated": _of_kind(_Writer._fault, Kind.MESSAGE_REPEATED),
    "delayed": _of_kind(_Writer._fault, Kind.MESSAGE_DELAYED),
    "backfill": _Writer.backfill,
    "deadlock": _Writer.deadlock,
    "sla": _Writer.sla,
    "healed": _Writer.healed,
    "over": _Writer.end_run,
    "admit": _Writer.admit,
    "queue": _Writer.queue,
    "reject": _Writer.reject,
    "pop": _Writer.pop,
    "end": _Writer.end,
    "kill": _Writer.kill,
}


def _value(kind: Kind, text: str) -> State | int | None:
    if text == "none":
        return None
    return State(text) if kind in STATE_KINDS else int(text)


def _code(value: State | int | None) -> int:
    if value is None:
        return NOTHING
    return STATE_CODES[value] if isinstance(value, State) else int(value)


def text_of(trace: Trace) -> str:
    """Return a trace in its canonical form."""
    stream = io.StringIO()
    write_jsonl(trace, stream)
    return stream.getvalue()
