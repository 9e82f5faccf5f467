"""Units and row locks: first come, first served."""

from __future__ import annotations

from flowconc.simulation.resources import Resource, RowLocks

OTHER = ("counters", "g")
ROW = ("counters", "f")


def test_units_are_taken_until_none_is_left():
    resource = Resource(2)

    assert [resource.take(list) for _ in range(3)] == [True, True, False]


def test_a_release_lets_the_one_in_that_has_waited_longest():
    resource, order = Resource(1), []
    resource.take(lambda: None)
    resource.take(lambda: order.append("a"))
    resource.take(lambda: order.append("b"))

    resource.release()
    assert order == ["a"]
    resource.release()
    assert order == ["a", "b"]


def test_a_unit_that_is_handed_on_is_not_free():
    resource = Resource(1)
    resource.take(list)
    resource.take(list)
    resource.release()

    assert not resource.take(list)


def test_who_withdraws_is_passed_over():
    resource, order = Resource(1), []

    def a():
        order.append("a")

    resource.take(list)
    resource.take(a)
    resource.take(lambda: order.append("b"))
    resource.withdraw(a)
    resource.release()

    assert order == ["b"]


def test_without_a_capacity_nobody_waits():
    resource = Resource(None)

    assert all(resource.take(list) for _ in range(1000))


def test_a_row_has_one_holder_and_a_line_of_waiters():
    rows, order = RowLocks(), []

    assert rows.take((ROW,), 0, list) == 1
    assert rows.take((ROW,), 0, lambda: order.append("a")) == 0
    assert rows.take((ROW,), 0, lambda: order.append("b")) == 0
    assert rows.waiting_for(ROW) == 2
    rows.free((ROW,))
    assert order == ["a"]
    assert rows.waiting_for(ROW) == 1
    rows.free((ROW,))
    rows.free((ROW,))
    assert rows.take((ROW,), 0, list) == 1


def test_rows_are_independent():
    rows = RowLocks()

    assert rows.take((ROW,), 0, list) == 1
    assert rows.take((OTHER,), 0, list) == 1


def test_locks_are_taken_in_order_up_to_one_that_is_not_free():
    rows = RowLocks()
    rows.take((OTHER,), 0, list)

    assert rows.take((ROW, OTHER), 0, list) == 1
    assert rows.waiting_for(OTHER) == 1


def test_locks_are_freed_in_the_reverse_order_so_that_who_gets_the_first_finds_the_rest_free():
    rows, order = RowLocks(), []
    rows.take((ROW, OTHER), 0, list)
    rows.take((ROW, OTHER), 0, lambda: order.append(rows.take((ROW, OTHER), 1, list)))

    rows.free((ROW, OTHER))

    assert order == [2]
