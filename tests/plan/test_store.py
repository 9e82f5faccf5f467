"""What is kept of runs: by everything that they depend on, in a file or not, from several files in one."""

from __future__ import annotations

import sqlite3

import pytest

from flowconc.plan import store as module
from flowconc.plan.evaluation import Statistic
from flowconc.plan.store import BadStore, Store

WAIT = Statistic("queue_wait", "mean")
LOST = Statistic("rejected", "rate", (("flow", "n.f"),))


def filled(path=None, value=1.5):
    store = Store(path)
    store.put("ab", 1, 0, (WAIT, LOST), (value, None))
    return store


def test_values_come_back_in_the_order_asked():
    assert filled().get("ab", 1, 0, (LOST, WAIT)) == (None, 1.5)


@pytest.mark.parametrize("value", [0.1 + 0.2, 1e-300, 1e300, float("inf"), 5e-324])
def test_every_bit_of_a_value_is_kept(value, tmp_path):
    filled(tmp_path / "s", value).close()

    with Store(tmp_path / "s") as again:
        assert repr(again.get("ab", 1, 0, (WAIT,))) == repr((value,))


@pytest.mark.parametrize("key", [("cd", 1, 0), ("ab", 2, 0), ("ab", 1, 1)])
def test_another_run_is_not_known(key):
    assert filled().get(*key, (WAIT,)) is None


def test_a_run_of_which_more_is_asked_than_is_known_is_not_known():
    assert filled().get("ab", 1, 0, (WAIT, Statistic("queue_wait", "p95"))) is None


def test_what_another_version_computed_is_not_taken(monkeypatch):
    store = filled()
    monkeypatch.setattr(module, "__version__", "999")

    assert store.get("ab", 1, 0, (WAIT,)) is None


def test_what_was_put_is_written_when_an_error_ends_the_work(tmp_path):
    def interrupted():
        with Store(tmp_path / "s") as store:
            store.put("ab", 1, 0, (WAIT,), (1.5,))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    with Store(tmp_path / "s") as again:
        assert again.get("ab", 1, 0, (WAIT,)) == (1.5,)


# --- several stores


def test_stores_are_put_together_whatever_their_order(tmp_path):
    one, two = filled(tmp_path / "1"), Store(tmp_path / "2")
    two.put("ab", 1, 1, (WAIT,), (2.5,))
    both, other_way = Store(), Store()

    assert [both.take_over(each) for each in (one, two, one)] == [2, 1, 0]
    assert [other_way.take_over(each) for each in (two, one)] == [1, 2]
    assert list(both.rows()) == list(other_way.rows())


def test_stores_that_contradict_each_other_are_not(tmp_path):
    store = filled(tmp_path / "1")

    with pytest.raises(BadStore, match=r"contradicts .* in queue_wait mean of replication 0: 2.5 and 1.5"):
        store.take_over(filled(tmp_path / "2", 2.5))


# --- files that are none


def test_a_file_that_is_no_store_is_refused(tmp_path):
    (tmp_path / "s").write_text("not a database, and long enough to be looked at" * 100)

    with pytest.raises(BadStore, match="cannot be used as a store: file is not a database"):
        Store(tmp_path / "s")


def test_a_directory_is_refused(tmp_path):
    with pytest.raises(BadStore, match="unable to open"):
        Store(tmp_path)


def test_a_store_of_a_later_version_is_refused(tmp_path, monkeypatch):
    with monkeypatch.context() as later:
        later.setattr(module, "SCHEMA_VERSION", 2)
        Store(tmp_path / "s").close()

    with pytest.raises(BadStore, match="a store of version 2, this flowconc has 1"):
        Store(tmp_path / "s")


def test_a_file_that_breaks_while_it_is_read_is_told(tmp_path):
    filled(tmp_path / "s").close()
    store = Store(tmp_path / "s")
    (tmp_path / "s").write_bytes(b"SQLite format 3\0" + b"x" * 8_000)

    with pytest.raises(BadStore, match="cannot be used as a store"):
        store.get("ab", 1, 0, (WAIT,))


def test_a_database_of_something_else_is_left_alone(tmp_path):
    with sqlite3.connect(tmp_path / "s") as other:
        other.execute("CREATE TABLE mine (a)")
    other.close()

    with pytest.raises(BadStore, match="is a database of something else"):
        Store(tmp_path / "s")


def test_a_store_is_made_whole_or_not_at_all(tmp_path, monkeypatch):
    """Another process that opens the same file meanwhile would take half a store for something else."""
    monkeypatch.setattr(module, "_TABLES", (module._TABLES[0], "CREATE nonsense"))
    with pytest.raises(BadStore, match="cannot be used as a store"):
        Store(tmp_path / "plan.db")
    monkeypatch.undo()

    with Store(tmp_path / "plan.db") as store:
        assert len(store) == 0
