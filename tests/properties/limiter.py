"""The limiter of one flow as SEMANTICS part A tells it, one thing after the other: no clock, no tasks, no rows."""


class Limiter:
    """`started` are the executions in the order in which they began to run; `line` waits, oldest first."""

    def __init__(self) -> None:
        self.limit: int | None = None
        self.behavior = "QUEUE"
        self.taken = 0  # slots, those that deletions have leaked among them
        self.holders: list[str] = []
        self.line: list[str] = []
        self.started: list[str] = []

    def save(self, limit: int | None, behavior: str) -> None:  # A8
        self.limit, self.behavior = limit, behavior
        self._let_in()

    def arrive(self, name: str) -> str:  # A1 to A3
        if self.limit is not None and self.taken >= self.limit:
            if self.behavior == "QUEUE":
                self.line.append(name)
            return {"QUEUE": "QUEUED", "CANCEL": "CANCELLED", "FAIL": "FAILED"}[self.behavior]
        self._start(name)
        return "RUNNING"

    def leave(self, name: str) -> None:
        """End the life of one that ran, in whatever way (A4, A9). A forced one frees nothing (A10)."""
        if name in self.holders:
            self.holders.remove(name)
            self.taken -= 1
            self._let_in()

    def force(self, name: str) -> None:  # A10
        self.give_up(name)
        self.started.append(name)

    def give_up(self, name: str) -> None:
        """Leave the line: killed or deleted while waiting (A9)."""
        if name in self.line:
            self.line.remove(name)

    def delete(self, name: str) -> None:
        """Forget one; its slot stays taken for ever (A9)."""
        self.give_up(name)
        if name in self.holders:
            self.holders.remove(name)

    def _start(self, name: str) -> None:
        self.taken += 1
        self.holders.append(name)
        self.started.append(name)

    def _let_in(self) -> None:
        while self.line and (self.limit is None or self.taken < self.limit):
            self._start(self.line.pop(0))
