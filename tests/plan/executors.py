"""Executors for tests, without any other thread or process."""

from __future__ import annotations

from concurrent.futures import Executor, Future


class Desk(Executor):
    """Does a turn as soon as it is given, and keeps account of it; `edit` changes what comes back."""

    def __init__(self, edit=lambda turn: turn):
        self.edit = edit
        self.given = []

    def submit(self, function, /, *arguments, **keys):
        _, given = function.args
        self.given.append([job.replication for job in given])
        future = Future()
        future.set_result(self.edit(function(*arguments, **keys)))
        return future


class Busy(Executor):
    """Never comes to anything."""

    def __init__(self):
        self.futures = []

    def submit(self, function, /, *arguments, **keys):
        self.futures.append(Future())
        return self.futures[-1]
