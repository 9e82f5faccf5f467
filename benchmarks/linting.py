"""What `flowconc check` costs on a repository of flows that call each other."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.figure import Figure, fastest_s, python

FILES = 1_000

FLOW = """\
id: flow_{number}
namespace: company.team
description: One of many, which calls two others.
concurrency:
  limit: 2
  behavior: QUEUE
inputs:
  - id: day
    type: STRING
    defaults: today
tasks:
  - id: work
    type: io.kestra.plugin.scripts.shell.Commands
    commands:
      - sleep 10
  - id: report
    type: io.kestra.plugin.core.log.Log
    message: "{{{{ inputs.day }}}} is done"
  - id: left
    type: io.kestra.plugin.core.flow.Subflow
    namespace: company.team
    flowId: flow_{left}
  - id: right
    type: io.kestra.plugin.core.flow.Subflow
    namespace: company.team
    flowId: flow_{right}
triggers:
  - id: nightly
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "{minute} 2 * * *"
"""


def figures() -> list[Figure]:
    """Measure a check of the whole repository, by every rule."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(FILES):
            left, right = (
                2 * number + 1,
                2 * number + 2,
            )  # a tree, whose last calls lead out of the repository
            text = FLOW.format(number=number, left=left, right=right, minute=number % 60)
            (Path(folder) / f"flow_{number:04}.yaml").write_text(text)
        check_s = fastest_s(lambda: python("-m", "flowconc", "check", folder), rounds=5)
    return [Figure(f"{FILES} flow files checked by every lint rule", check_s, "s", "<= 5")]
