"""Findings in plain words."""

from __future__ import annotations

import pytest

from docs.plain import plain


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("execution b: started_at 10s, must be 5s", "`b` starts at 10s, must start at 5s"),
        ("execution b: started_at never, must be <= 4s", "`b` never starts, must start by 4s"),
        (
            "execution job#2: started_at 35s, must be >= 40s",
            "`job#2` starts at 35s, must start at 40s or later",
        ),
        ("execution a: ended_at 9s, must be < 5s", "`a` ends at 9s, must end before 5s"),
        (
            "execution b: states [CREATED, RUNNING], must be [CREATED, CANCELLED]",
            "`b` goes through CREATED, RUNNING; must be CREATED, CANCELLED",
        ),
        ("execution b: tasks_run 2, must be 0", "`b` runs 2 tasks, must run no task"),
        ("flow company.team.job at 7s: running 3, must be 2", "at 7s 3 executions are running, must be 2"),
        ("flow company.team.job at 7s: queued 0, must be 1", "at 7s no executions are queued, must be 1"),
        (
            "flow company.team.job: ended {SUCCESS: 2}, must be {SUCCESS: 2, CANCELLED: 3}",
            "executions of `job` end as 2 SUCCESS; must be 2 SUCCESS, 3 CANCELLED",
        ),
        ("flow company.team.job: unended 1, must be 0", "1 execution of `job` never ends"),
        ("trigger company.team.job.every: fired 2, must be 5", "the trigger makes 2 executions, must make 5"),
        ("c went from KILLED to RUNNING", "c went from KILLED to RUNNING"),
    ],
)
def test_plain_words(sentence, told):
    assert plain(sentence) == told
