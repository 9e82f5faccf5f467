"""The tables of a trace, column by column, on the smallest runs that show each."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from flowconc.protocol.states import State
from flowconc.trace.tables import executions_table, slots_table
from flowconc.trace.trace import STATE_CODES, STATES
from tests.traces import trace_of

S = 1_000_000

LIMIT_ONE = (
    "0s flow f limit=1",
    "0s admit a ui",
    "2s queue b webhook",
    "10s end a; release a",
    "10s pop b",
    "20s end b; release b",
)


def column(table, name: str) -> list[object]:
    return getattr(table, name).tolist()


def test_each_execution_is_a_row_in_order_of_creation():
    table = executions_table(trace_of(*LIMIT_ONE))

    assert len(table) == 2
    assert column(table, "number") == [0, 1]
    assert column(table, "name") == ["a", "b"]
    assert column(table, "flow") == ["f", "f"]
    assert column(table, "revision") == [1, 1]
    assert column(table, "source") == ["ui", "webhook"]


def test_the_times_of_a_life():
    table = executions_table(trace_of(*LIMIT_ONE))

    assert column(table, "created_us") == [0, 2 * S]
    assert column(table, "queued_us") == [-1, 2 * S]
    assert column(table, "started_us") == [0, 10 * S]
    assert column(table, "ended_us") == [10 * S, 20 * S]
    assert column(table, "gate_us") == [0, 2 * S]
    assert [STATES[code] for code in table.final] == [State.SUCCESS, State.SUCCESS]


def test_an_execution_that_has_not_ended_is_a_row_too():
    table = executions_table(trace_of("0s flow f limit=1", "0s admit a", "1s queue b", "5s over until"))

    assert column(table, "ended_us") == [-1, -1]
    assert column(table, "final") == [-1, -1]
    assert [STATES[code] for code in table.state] == [State.RUNNING, State.QUEUED]
    assert column(table, "started_us") == [0, -1]


def test_a_wait_that_goes_on_lasts_until_the_end_of_the_trace():
    table = executions_table(trace_of("0s flow f limit=1", "0s admit a", "1s queue b", "5s over until"))

    assert column(table, "slot_wait_us") == [0, 4 * S]


def test_a_deletion_ends_the_wait():
    table = executions_table(
        trace_of("0s flow f limit=1", "0s admit a", "1s queue b", "3s deleted b", "9s end a; release a")
    )

    assert column(table, "slot_wait_us") == [0, 2 * S]
    assert column(table, "deleted") == [False, True]
    assert column(table, "final") == [STATE_CODES[State.SUCCESS], -1]


def test_two_stays_in_the_queue_add_up():
    """A restart of a failed execution passes the gate again and may wait again."""
    table = executions_table(
        trace_of(
            "0s flow f limit=1",
            "0s admit a",
            "0s queue b",
            "3s end a; release a; pop b",
            "4s end b FAILED; release b; admit c",
            "5s state b RESTARTED restart; gate b queue; state b QUEUED gate",
            "9s end c; release c; pop b",
            "10s end b; release b",
        )
    )

    assert column(table, "slot_wait_us") == [0, 7 * S, 0]
    assert column(table, "started_us") == [0, 3 * S, 4 * S]
    assert column(table, "ended_us") == [3 * S, 10 * S, 9 * S]
    assert [STATES[code] for code in table.final] == [State.SUCCESS] * 3


def test_what_the_first_gate_applied():
    table = executions_table(
        trace_of("0s flow f limit=1", "0s admit a; queue b; reject c CANCELLED; reject d FAILED")
    )

    assert column(table, "applied") == [None, "QUEUE", "CANCEL", "FAIL"]
    assert column(table, "ended_us") == [-1, -1, 0, 0]


def test_what_an_arrival_finds():
    table = executions_table(trace_of("0s flow f limit=2", "0s admit a; admit b; queue c; queue d"))

    assert column(table, "holders_at_arrival") == [0, 1, 2, 2]
    assert column(table, "queue_at_arrival") == [0, 0, 0, 1]


def test_an_arrival_finds_only_its_own_flow():
    table = executions_table(trace_of("0s flow f limit=1; flow g limit=1", "0s admit a of=f; admit b of=g"))

    assert column(table, "holders_at_arrival") == [0, 0]


def test_sources_that_name_their_origin_are_split():
    table = executions_table(
        trace_of(
            "0s flow f",
            "0s admit a ui; admit b subflow:a; admit c retry:a",
            "1s fire tick d; admit d trigger:tick",
            "2s admit e subflow",
        )
    )

    assert column(table, "source") == ["ui", "subflow", "retry", "trigger", "subflow"]
    assert column(table, "parent") == [None, "a", None, None, None]
    assert column(table, "trigger") == [None, None, None, "tick", None]


def test_a_fire_says_when_its_execution_was_planned():
    table = executions_table(
        trace_of("0s flow f", "0s admit a", "3s fire tick b planned=2s; admit b trigger:tick")
    )

    assert column(table, "planned_us") == [-1, 2 * S]


def test_a_fire_without_a_plan_has_no_planned_time():
    """Flow and webhook triggers answer events."""
    table = executions_table(trace_of("0s flow f", "3s fire hook a before=none; admit a trigger:hook"))

    assert column(table, "planned_us") == [-1]


def test_the_way_to_the_start_splits_into_slot_lock_and_dispatch():
    table = executions_table(
        trace_of(
            "0s flow f limit=1",
            "0s create b; lock_wait b 1s counter",
            "2s gate b queue; state b QUEUED gate",
            "7s claim b; state b RUNNING pop; start b after=500000",
            "8s lock_wait b 1s execution",
            "9s end b; release b",
        )
    )

    assert column(table, "slot_wait_us") == [5 * S]
    assert column(table, "lock_wait_us") == [2 * S]
    assert column(table, "worker_wait_us") == [S // 2]
    assert column(table, "dispatch_us") == [1 * S]  # 7 s to the start, 5 of them QUEUED, 1 for a lock


def test_attempts_of_one_task_run_count_once():
    table = executions_table(
        trace_of(
            "0s flow f",
            "0s admit a",
            "1s finish a FAILED; start a before=2",
            "2s finish a; start a other; end a",
        )
    )

    assert column(table, "tasks_run") == [2]


def test_a_forced_run_is_marked_and_holds_no_slot():
    trace = trace_of(
        "0s flow f limit=1", "0s admit a; queue b", "1s forced b; state b RUNNING force_run; start b"
    )

    assert column(executions_table(trace), "forced") == [False, True]
    assert column(slots_table(trace), "holding")[-1] == 1
    assert column(slots_table(trace), "running")[-1] == 2


def test_the_slots_are_a_step_function():
    table = slots_table(trace_of(*LIMIT_ONE), "f")
    steps = list(zip(*(column(table, field.name) for field in fields(table)), strict=True))

    assert [step[1:] for step in steps] == [
        # t_us, flow, running, queued, holding, limit, counter
        (0, "f", 0, 0, 0, 1, 0),
        (0, "f", 0, 0, 1, 1, 1),
        (0, "f", 1, 0, 1, 1, 1),
        (2 * S, "f", 1, 1, 1, 1, 1),
        (10 * S, "f", 0, 1, 1, 1, 1),
        (10 * S, "f", 0, 1, 0, 1, 0),
        (10 * S, "f", 0, 1, 1, 1, 1),
        (10 * S, "f", 1, 0, 1, 1, 1),
        (20 * S, "f", 0, 0, 1, 1, 1),
        (20 * S, "f", 0, 0, 0, 1, 0),
    ]


def test_the_limit_follows_the_latest_revision():
    table = slots_table(trace_of("0s flow f limit=2", "1s flow f limit=5", "2s flow f"))

    assert column(table, "limit") == [2, 5, -1]


def test_the_rows_of_several_flows_are_in_the_order_of_the_trace():
    trace = trace_of("0s flow f limit=1; flow g", "1s admit a of=g", "2s admit b of=f", "3s end a; release a")
    table = slots_table(trace)

    assert column(table, "seq") == sorted(column(table, "seq"))
    assert column(slots_table(trace, "g"), "holding") == [0, 1, 1, 1, 0]
    assert {*column(slots_table(trace, "g"), "flow")} == {"g"}


def test_deleting_a_holder_leaks_the_counter_but_not_the_holders():
    """SEMANTICS A9: the slot stays occupied for ever, though nobody holds it."""
    table = slots_table(trace_of("0s flow f limit=1", "0s admit a", "1s deleted a"))

    assert column(table, "holding")[-1] == 0
    assert column(table, "counter")[-1] == 1


def test_a_release_without_a_claim_leaves_the_holders_alone():
    table = slots_table(trace_of("0s flow f limit=2", "0s admit a; create b", "1s release b"))

    assert column(table, "holding")[-1] == 1


def test_a_flow_that_the_trace_does_not_know_has_no_rows():
    assert len(slots_table(trace_of(*LIMIT_ONE), "nobody")) == 0


def test_a_trace_without_events_has_empty_tables():
    trace = trace_of("0s flow f")
    trace.records = trace.records[:0]

    assert len(executions_table(trace)) == 0
    assert len(slots_table(trace)) == 0


def test_every_column_has_one_value_a_row():
    for table in (executions_table(trace_of(*LIMIT_ONE)), slots_table(trace_of(*LIMIT_ONE))):
        for field in fields(table):
            values = getattr(table, field.name)

            assert isinstance(values, np.ndarray)
            assert values.shape == (len(table),)


def test_an_operator_moves_the_counter_and_nothing_else():
    table = slots_table(
        trace_of("0s flow f limit=2", "0s admit a", "1s set_counter f 5", "2s end a; release a")
    )

    assert column(table, "counter")[-1] == 4
    assert [
        (t_us // S, counter, holding)
        for t_us, counter, holding in zip(
            column(table, "t_us"), column(table, "counter"), column(table, "holding"), strict=True
        )
    ] == [(0, 0, 0), (0, 1, 1), (0, 1, 1), (1, 5, 1), (2, 5, 1), (2, 4, 0)]


def test_a_namespaces_counter_is_not_the_flows():
    table = slots_table(
        trace_of("0s flow a.f", "0s create x; claim x; claim x scope=namespace:a before=7; state x RUNNING")
    )

    assert max(column(table, "counter")) == 1


def test_a_backfill_has_no_plan_to_be_late_for():
    table = executions_table(
        trace_of("0s flow f limit=1", "5s fire tick a planned=1s backfill=1; admit a trigger:tick")
    )

    assert column(table, "planned_us") == [-1]


def test_passes_of_a_loop_name_their_parent():
    table = executions_table(trace_of("0s flow f limit=2", "0s admit a", "0s admit b loop:a"))

    assert (column(table, "source"), column(table, "parent")) == (["api", "loop"], [None, "a"])
