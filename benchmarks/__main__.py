"""`make bench`: print every figure, and write build/bench.json (name, value, unit, target).

`python -m benchmarks compiled peers` measures only these.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from benchmarks import collection, compiled, exploring, linting, peers, planning, throughput

OUTPUT = Path(__file__).parents[1] / "build" / "bench.json"


def main() -> None:
    """Measure, print, write."""
    modules = {
        "throughput": throughput,
        "compiled": compiled,
        "peers": peers,
        "collection": collection,
        "linting": linting,
        "exploring": exploring,
        "planning": planning,
    }
    wanted = sys.argv[1:] or list(modules)
    figures = [each for name in wanted for each in modules[name].figures()]
    for figure in figures:
        mark = {None: "", True: "met", False: "MISSED"}[figure.met]
        print(f"{figure.name:<60}{figure.value:>14,.2f} {figure.unit:<6} {figure.target or '':<10} {mark}")
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps([asdict(figure) for figure in figures], indent=2) + "\n")


if __name__ == "__main__":
    main()
