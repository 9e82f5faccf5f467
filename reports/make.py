"""Remake the reports of this folder: `make reports`.

Each example is some files of the library, run as they are and written as `flowconc run FILE... --report DIR` writes
them. The zoo is what `flowconc zoo --semantics all` prints as Markdown and as HTML. A capacity report is what
`flowconc plan scenarios/capacity/NAME.flowconc.yaml --report reports/NAME` writes.
"""

from __future__ import annotations

from pathlib import Path

from flowconc.plan.evaluation import quickest
from flowconc.plan.outlook import look_out
from flowconc.plan.runs import Runs
from flowconc.plan.store import Store
from flowconc.plan.sweep import carry_out
from flowconc.report.capacity import write_capacity_report
from flowconc.report.html import write_report
from flowconc.runner import run_all
from flowconc.scenario.load import load
from flowconc.scenario.vocabulary import SEMANTICS
from flowconc.zoo.matrix import examine_all
from flowconc.zoo.pages import html, markdown
from flowconc.zoo.registry import bugs, unused_faults

HERE = Path(__file__).parent
SCENARIOS = HERE.parent / "scenarios"

REPORTS = {
    "third-execution-waits": ("a03-third-execution-waits.flowconc.yaml",),
    "backlog-and-backoff": (
        "a06-backlog-slows-scheduling.flowconc.yaml",
        "a06-backoff-at-the-source.flowconc.yaml",
    ),
}
PLANS = ("hourly-etl", "webhook-storm")


def make(directory: Path) -> list[Path]:
    """Write every example report below `directory` and return their pages."""
    return [
        write_report(
            [result for file in files for result in run_all(SCENARIOS / "docs" / file)], directory / name
        )
        for name, files in REPORTS.items()
    ]


def make_zoo(directory: Path) -> list[Path]:
    """Write the zoo of known bugs below `directory`, under every version, and return its pages."""
    examined, unused = list(examine_all(bugs(), SEMANTICS)), unused_faults()
    pages = {"zoo.md": markdown(examined, unused), "zoo.html": html(examined, unused)}
    for name, page in pages.items():
        (directory / name).write_text(page, encoding="utf-8")
    return [directory / name for name in pages]


def make_capacity(directory: Path) -> list[Path]:
    """Write the example capacity reports below `directory` and return their pages."""
    pages = []
    for name in PLANS:
        (scenario,) = load(SCENARIOS / "capacity" / f"{name}.flowconc.yaml")
        assert scenario.plan is not None
        with Store() as store:
            runs = Runs(store, scenario.run.seed, evaluate=quickest)
            result = look_out(carry_out(scenario, scenario.plan, runs, seed=scenario.run.seed), runs)
        pages.append(write_capacity_report([result], directory / name))
    return pages


if __name__ == "__main__":
    for page in (*make(HERE), *make_capacity(HERE), *make_zoo(HERE)):
        print(page.relative_to(HERE.parent))
