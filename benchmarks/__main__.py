"""`make bench`: print every figure, and write build/bench.json (name, value, unit, target)."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from benchmarks import collection, exploring, linting, throughput

OUTPUT = Path(__file__).parents[1] / "build" / "bench.json"


def main() -> None:
    """Measure, print, write."""
    figures = [*throughput.figures(), *collection.figures(), *linting.figures(), *exploring.figures()]
    for figure in figures:
        mark = {None: "", True: "met", False: "MISSED"}[figure.met]
        print(f"{figure.name:<60}{figure.value:>12,.2f} {figure.unit:<6} {figure.target or '':<10} {mark}")
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps([asdict(figure) for figure in figures], indent=2) + "\n")


if __name__ == "__main__":
    main()
