"""What must hold in every run, whatever the scenario (the ids are those of `scenario.vocabulary`)."""

from __future__ import annotations

from flowconc.check.invariants.base import Break, Invariant, watch
from flowconc.check.invariants.crashes import CrashLosesNothing
from flowconc.check.invariants.deadlocks import NoLockCycle, NoSelfDeadlock
from flowconc.check.invariants.interventions import NothingUnasked
from flowconc.check.invariants.lifecycle import KillIsFinal, RejectedRunsNoTask
from flowconc.check.invariants.outside import DisplayMatchesEngine, ExternalWorkWithinLimit
from flowconc.check.invariants.queue import (
    ExactAtTheBoundary,
    Fifo,
    GateCoversEverySource,
    NoStrandedExecution,
    WorkConserving,
)
from flowconc.check.invariants.scopes import ScopesAllOrNone
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
        NoSelfDeadlock,
        RejectedRunsNoTask,
        TriggerLockHasLiveHolder,
        OneExecutionPerFire,
        OneCounterPerFlow,
        CrashLosesNothing,
        NoLockCycle,
        ScopesAllOrNone,
        DisplayMatchesEngine,
        ExternalWorkWithinLimit,
        NothingUnasked,
    )
}
"""Every invariant by its id, in the order in which they are reported."""

__all__ = ["INVARIANTS", "Break", "Invariant", "watch"]
