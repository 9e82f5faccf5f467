#!/usr/bin/env python3
"""Print the state histories of recordings in short form, or compare two recordings.

    engine/histories.py RECORDING.jsonl...
    engine/histories.py --compare GIVEN.jsonl AGAIN.jsonl

`R3.16`: entered RUNNING at 3.16 s. C created, R running, Q queued, ok success, F failed, X cancelled,
k killing, K killed, P paused, rs restarted, ry retrying, RD retried. `!`: the stored history was
overwritten there; what was lost follows in brackets. Exit status 1: the compared states differ.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

SHORT = {
    "CREATED": "C",
    "RUNNING": "R",
    "QUEUED": "Q",
    "SUCCESS": "ok",
    "FAILED": "F",
    "CANCELLED": "X",
    "KILLING": "k",
    "KILLED": "K",
    "PAUSED": "P",
    "RESTARTED": "rs",
    "RETRYING": "ry",
    "RETRIED": "RD",
    "WARNING": "W",
    "SUBMITTED": "s",
}


def read(path: Path) -> list[dict[str, Any]]:
    """Return the lines of a recording."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def short(history: list[tuple[str, float]]) -> str:
    """Return a history (states and milliseconds) in short form, times in seconds."""
    return " ".join(f"{SHORT.get(state, state)}{ms / 1000:.2f}" for state, ms in history)


def describe(path: Path) -> None:
    """Print everything a recording says, execution by execution."""
    lines = read(path)
    header, summary = lines[0], lines[-1]
    print(f"## {header['script']} {header['kestra']}: {header['title']} ({summary['ended']})")
    for name, execution in summary["executions"].items():
        lost = [
            " !(" + " ".join(entry.split("@")[0] for entry in line["lost"]) + f"){line['t'] / 1000:.2f}"
            for line in lines
            if line["kind"] == "history-rewritten" and line["exec"] == name
        ]
        gone = " gone" if execution.get("deleted") else ""
        back = "".join(
            f" back{line['t'] / 1000:.2f}"
            for line in lines
            if line["kind"] == "reappeared" and line["exec"] == name
        )
        tasks = "; ".join(f"{run['task']}: {short(run['history'])}" for run in execution["tasks"])
        print(f"{name}: {short(execution['history'])}{''.join(lost)}{gone}{back}   [{tasks}]")
    for flow in {line["flow"] for line in lines if line["kind"] == "counter"}:
        counter = [
            f"{line['running']}@{line['t'] / 1000:.2f}"
            for line in lines
            if line["kind"] == "counter" and line["flow"] == flow
        ]
        print(f"counter {flow}: {' '.join(counter)}")
    for kind in ("queue", "running-rows"):
        rows = [
            f"{line['t'] / 1000:.2f}[{','.join(line['execs'])}]" for line in lines if line["kind"] == kind
        ]
        if rows:
            print(f"{kind}: {' '.join(rows)}")
    for line in lines:
        if line["kind"] == "log":
            print(
                f"log {line['t'] / 1000:.2f} {line['level']} {line['logger']}: {line['message'][:160]}"
                f" {line.get('thrown', '')[:120]}"
            )
    for refused in summary["refused"]:
        print(f"refused {refused}")
    for log in summary["flow_logs"]:
        print(f"flow log {log.get('exec')} {log['level']}: {log['message'][:120]}")


def compare(given: Path, again: Path) -> int:
    """Print both histories of every execution; return 1 if the order of states differs anywhere."""
    first, second = read(given)[-1], read(again)[-1]
    differing = 0
    for name in sorted(first["executions"].keys() | second["executions"].keys()):
        one = first["executions"].get(name, {"history": []})["history"]
        two = second["executions"].get(name, {"history": []})["history"]
        same = [state for state, _ in one] == [state for state, _ in two]
        differing += not same
        gap = max((abs(a[1] - b[1]) for a, b in zip(one, two, strict=False)), default=0.0)
        print(f"{'same' if same else 'DIFFERS'} {name}: {short(one)} | {short(two)} (<= {gap:.0f} ms)")
    for key in ("counters", "queues"):
        if first[key] != second[key]:
            differing += 1
            print(f"DIFFERS {key}: {first[key]} | {second[key]}")
    return 1 if differing else 0


def main(arguments: list[str]) -> int:
    """Describe or compare; return the exit status."""
    if arguments[:1] == ["--compare"] and len(arguments) == 3:
        return compare(Path(arguments[1]), Path(arguments[2]))
    if not arguments or arguments[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    for argument in arguments:
        describe(Path(argument))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
