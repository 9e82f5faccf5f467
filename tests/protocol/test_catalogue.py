"""The list of the steps."""

from __future__ import annotations

import pytest

from flowconc.protocol.catalogue import STEPS
from flowconc.protocol.faults import FAULTS
from flowconc.protocol.steps import Message
from flowconc.protocol.tables import Tables

NOTHING = Message("nothing", None, ("n.f", "t"))


ALL = [*STEPS.values(), *(step for fault in FAULTS.values() for step in fault.steps)]
"""The steps of the contract and the versions, and those of fault models."""


@pytest.mark.parametrize("step", ALL, ids=lambda step: step.name)
def test_every_step_can_be_taken_locked_and_counted(step):
    assert callable(step.run)
    assert callable(step.locks)
    assert 0 <= step.statements <= 4


@pytest.mark.parametrize(
    "name", ["act_on_one", "act_on_many", "edit_flow", "delete_flow", "switch_trigger", "install_flow"]
)
def test_what_an_operator_asks_for_is_judged_at_once_and_costs_nothing(name):
    """The step that it orders takes the locks and the time."""
    assert STEPS[name].locks(Tables(), NOTHING) == ()
    assert STEPS[name].statements == 0
