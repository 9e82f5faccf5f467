"""Values of runs, kept: in memory, or in an SQLite file, so that what was computed once is not computed again.

A value is known by the scenario's fingerprint, the seed, the replication, the statistic and the version of flowconc.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final

from flowconc import __version__
from flowconc.plan.evaluation import Statistic, Values

SCHEMA_VERSION: Final = 1

_PATIENCE_S: Final = 10.0
"""How long to wait for another process that writes into the same file."""

_TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    """
CREATE TABLE IF NOT EXISTS results (
    fingerprint TEXT NOT NULL,
    seed INTEGER NOT NULL,
    replication INTEGER NOT NULL,
    statistic TEXT NOT NULL,
    version TEXT NOT NULL,
    value REAL,
    PRIMARY KEY (fingerprint, seed, replication, statistic, version)
) WITHOUT ROWID
""",
)

_Key = tuple[str, int, int, str, str]


class BadStore(Exception):  # noqa: N818 - it says what it is
    """A file that cannot be used as a store; the text says why."""


class Store:
    """A store. With a path it is a file, made if it is not there; without, it is forgotten in the end.

    It is a context manager: what was put is written when it is left, also after an error or an interruption. Raises
    BadStore where the file is none of its own.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        with self._told():
            self._connection = sqlite3.connect(":memory:" if path is None else path, timeout=_PATIENCE_S)
            try:
                self._make()
            except BaseException:
                self._connection.close()
                raise

    def _make(self) -> None:
        """Make what is missing, whole or not at all: another process may be making the same file."""
        self._connection.execute("BEGIN IMMEDIATE")
        self._check_kind()
        for table in _TABLES:
            self._connection.execute(table)
        self._check_version()
        self._connection.commit()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Write what was put, and let go of the file."""
        self.commit()
        self._connection.close()

    def commit(self) -> None:
        """Write what was put since the last time."""
        with self._told():
            self._connection.commit()

    def get(
        self, fingerprint: str, seed: int, replication: int, statistics: Sequence[Statistic]
    ) -> Values | None:
        """Return the values of a run in the order asked; None unless all of them are known."""
        with self._told():
            rows = self._connection.execute(
                "SELECT statistic, value FROM results "
                "WHERE fingerprint = ? AND seed = ? AND replication = ? AND version = ?",
                (fingerprint, seed, replication, __version__),
            )
            known: dict[str, float | None] = dict(rows.fetchall())
        names = [str(each) for each in statistics]
        return tuple(known[name] for name in names) if all(name in known for name in names) else None

    def put(
        self, fingerprint: str, seed: int, replication: int, statistics: Sequence[Statistic], values: Values
    ) -> None:
        """Keep the values of a run."""
        rows = [
            (fingerprint, seed, replication, str(each), __version__, value)
            for each, value in zip(statistics, values, strict=True)
        ]
        with self._told():
            self._connection.executemany("INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?, ?)", rows)

    def __len__(self) -> int:
        with self._told():
            (count,) = self._connection.execute("SELECT count(*) FROM results").fetchone()
        return int(count)

    def rows(self) -> Iterator[tuple[_Key, float | None]]:
        """Yield every value with its key, in the order of the keys: a store's content, whatever its history."""
        with self._told():
            for *key, value in self._connection.execute("SELECT * FROM results ORDER BY 1, 2, 3, 4, 5"):
                yield tuple(key), value

    def take_over(self, other: Store) -> int:
        """Add what another store has. Return how many values are new. Raises BadStore where two contradict."""
        before = len(self)
        for key, value in other.rows():
            with self._told():
                self._add(key, value, other)
        self.commit()
        return len(self) - before

    def _add(self, key: _Key, value: float | None, other: Store) -> None:
        known = self._connection.execute(
            "SELECT value FROM results WHERE fingerprint = ? AND seed = ? AND replication = ? AND statistic = ? "
            "AND version = ?",
            key,
        ).fetchone()
        if known is None:
            self._connection.execute("INSERT INTO results VALUES (?, ?, ?, ?, ?, ?)", (*key, value))
        elif known[0] != value:
            raise BadStore(
                f"{other.path}: contradicts {self.path} in {key[3]} of replication {key[2]}: {value} and {known[0]}"
            )

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what SQLite complains of into a sentence. Raises BadStore."""
        try:
            yield
        except sqlite3.Error as error:
            raise BadStore(f"{self.path}: cannot be used as a store: {error}") from None

    def _check_kind(self) -> None:
        """Refuse a database of something else, before anything is written into it."""
        tables = {name for (name,) in self._connection.execute("SELECT name FROM sqlite_master")}
        if tables and not {"meta", "results"} <= tables:
            raise BadStore(f"{self.path}: is a database of something else")

    def _check_version(self) -> None:
        row = self._connection.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone()
        if row is None:
            self._connection.execute("INSERT INTO meta VALUES ('schema_version', ?)", (str(SCHEMA_VERSION),))
        elif row[0] != str(SCHEMA_VERSION):
            raise BadStore(f"{self.path}: a store of version {row[0]}, this flowconc has {SCHEMA_VERSION}")
