"""What must hold in every run, whatever the scenario (the ids are those of `scenario.vocabulary`)."""

from __future__ import annotations

from flowconc.check.invariants.base import Break, Invariant, watch
from flowconc.check.invariants.lifecycle import KillIsFinal, RejectedRunsNoTask
from flowconc.check.invariants.queue import (
    ExactAtTheBoundary,
    Fifo,
    GateCoversEverySource,
    NoStrandedExecution,
    WorkConserving,
)
from flowconc.check.invariants.slots import (
    CounterMatchesHolders,
    EveryClaimReleased,
    LimitNeverExceeded,
    NoReleaseWithoutClaim,
    OneCounterPerFlow,
    OneReleasePerClaim,
)
from flowconc.check.invariants.triggers import OneExecutionPerFire, TriggerLockHasLiveHolder

INVARIANTS: dict[str, type[Invariant]] = {
    each.id: each
    for each in (
        LimitNeverExceeded,
        CounterMatchesHolders,
        OneReleasePerClaim,
        NoReleaseWithoutClaim,
        EveryClaimReleased,
        WorkConserving,
        NoStrandedExecution,
        KillIsFinal,
        Fifo,
        GateCoversEverySource,
        ExactAtTheBoundary,
        RejectedRunsNoTask,
        TriggerLockHasLiveHolder,
        OneExecutionPerFire,
        OneCounterPerFlow,
    )
}
"""Every invariant by its id, in the order in which they are reported."""

__all__ = ["INVARIANTS", "Break", "Invariant", "watch"]
