"""What follows from the rows of one case for the limit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from flowconc.check.verdict import Outcome
from flowconc.plan.deciding import Chain, chain
from flowconc.plan.options import Case
from flowconc.plan.result import Recommendation, Status

Outcomes = Callable[[int], Outcome]


def recommend(
    case: Case,
    limits: Sequence[int],
    meets: Outcomes,
    spares: Outcomes | None,
    surely_meets: Outcomes,
) -> Recommendation:
    """Return what to recommend of ascending `limits`.

    `meets` and `spares` are what was decided of each with the confidence of one claim; `spares` None where nothing must
    be spared. `surely_meets` is decided with the confidence of as many claims as there are limits: it serves where a
    larger limit fails, so that the sequence has to begin somewhere that the data choose.
    """
    goals, monotone = _goals(limits, meets, surely_meets)
    spared = None if spares is None else chain(limits, spares)
    status = _status(goals, spared)
    return Recommendation(
        case,
        status,
        limit=goals.reached if status is Status.FOUND else None,
        smallest=goals.reached,
        below=_ended(goals),
        largest=None if spared is None else spared.reached,
        above=None if spared is None else _ended(spared),
        monotone=monotone,
    )


def borders(limits: Sequence[int], meets: Outcomes, spares: Outcomes | None) -> Iterable[int]:
    """Yield the limits on which the recommendation depends and that are not decided yet."""
    chains = [chain(reversed(limits), meets)]
    if spares is not None:
        chains.append(chain(limits, spares))
    for each in chains:
        if each.ended_by is not None and each.outcome is Outcome.INCONCLUSIVE:
            yield each.ended_by


def _goals(limits: Sequence[int], meets: Outcomes, surely_meets: Outcomes) -> tuple[Chain, bool]:
    """Go from the largest limit downwards; if that fails, from the largest that surely does not."""
    found = chain(reversed(limits), meets)
    if found.reached is not None or found.outcome is Outcome.INCONCLUSIVE:
        return found, True
    sure = [limit for limit in limits if surely_meets(limit) is Outcome.PASS]
    if not sure:
        return found, True
    return chain((limit for limit in reversed(limits) if limit <= sure[-1]), surely_meets), False


def _status(goals: Chain, spared: Chain | None) -> Status:
    if goals.reached is None:
        return Status.UNDECIDED if goals.outcome is Outcome.INCONCLUSIVE else Status.NONE
    if spared is None or (spared.reached is not None and spared.reached >= goals.reached):
        return Status.FOUND
    is_open = spared.outcome is Outcome.INCONCLUSIVE or goals.outcome is Outcome.INCONCLUSIVE
    return Status.UNDECIDED if is_open else Status.CONFLICT


def _ended(found: Chain) -> tuple[int, Outcome] | None:
    return None if found.ended_by is None else (found.ended_by, found.outcome)
