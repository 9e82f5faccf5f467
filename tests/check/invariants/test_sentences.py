"""What is said of a break, for every way in which an invariant can break that the other tests do not quote."""

from __future__ import annotations

import pytest

from tests.check.watching import first_break

A = "0s admit a"
ONE = "0s flow f limit=1"
CUT = "9s over until"
COMPANY = "0s flow company.f limit=9; scope namespace:company limit=2"
HOLDS = (
    "create {0}; gate {0} admit; claim {0}; claim {0} scope=namespace:company; state {0} RUNNING; start {0}"
)
TWO_IN_COMPANY = (COMPANY, f"0s {HOLDS.format('a')}; {HOLDS.format('b')}")

SAID = [
    ("limit_never_exceeded", (ONE, "0s create a; gate a admit; state a RUNNING gate"),
     "a runs without a slot of f (limit 1 QUEUE) and was not forced"),
    ("no_release_without_claim", ("0s flow f limit=1 CANCEL", A, "1s reject b CANCELLED; release b"),
     "b released a slot of f that it never claimed"),
    ("every_claim_released", (ONE, A, "1s end a"),
     "a ended SUCCESS at 1s and never released its slot of f"),
    ("every_claim_released", (ONE, A, "1s state a KILLING kill"),
     "a was killed at 1s and never released its slot of f"),
    ("one_counter_per_flow", ("0s flow f limit=2", A, "1s create b; gate b admit; claim b before=0"),
     "the claim of b moved the counter of f from 0 to 1, but it stood at 1"),
    ("one_counter_per_flow", (ONE, A, "1s end a; release a before=2"),
     "the release of a moved the counter of f from 2 to 1, but it stood at 1"),
    ("one_counter_per_flow", (ONE, A, "1s set_counter f -2"),
     "set_counter moved the counter of f from 1 to -2, but it stood at 1"),
    ("counter_matches_holders", ("0s flow f limit=2", A, "0s create b; gate b admit; claim b; claim b", CUT),
     "the counter of f says 3, but its slots are held by 2 live executions"),
    ("counter_matches_holders", ("0s flow f limit=2", A, "0s create b; gate b admit; claim b after=1", CUT),
     "the counter of f says 1, but its slots are held by 2 live executions"),
    ("exact_at_the_boundary", ("0s flow f limit=2", A, "1s create b; gate b admit before=0"),
     "the gate of f found the counter at 0, but it stood at 1 (b)"),
    ("exact_at_the_boundary", ("0s flow f limit=2", A, "1s create b; gate b admit after=5"),
     "the gate of f went by the limit 5, but the latest revision has limit 2 QUEUE (b)"),
    ("exact_at_the_boundary", ("0s flow f limit=2", A, "1s create b; gate b admit after=none"),
     "the gate of f went by the limit none, but the latest revision has limit 2 QUEUE (b)"),
    ("exact_at_the_boundary", ("0s flow f", A, "1s create b; gate b admit after=1"),
     "the gate of f went by the limit 1, but the latest revision has no limit (b)"),
    ("exact_at_the_boundary", (ONE, A, "1s queue b; gate b admit"),
     "the gate of f answered admit to who had been told queue already (b)"),
    ("exact_at_the_boundary", (*TWO_IN_COMPANY, "1s create z; gate z queue before=1 after=2"),
     "the gate of company.f found the counter of namespace:company at 1, but it stood at 2 (z)"),
    ("exact_at_the_boundary", (*TWO_IN_COMPANY, "1s create z; gate z queue before=2 after=3"),
     "the gate of company.f went by the limit 3, but it has limit 2 QUEUE (z)"),
    ("scopes_all_or_none", (COMPANY, "0s create a; gate a queue; claim a scope=namespace:company; state a QUEUED"),
     "a was turned away (queue) and yet claimed a slot of namespace:company"),
    ("scopes_all_or_none", (COMPANY, f"0s {HOLDS.format('a')}", "1s claim a scope=namespace:company"),
     "a claimed a second slot of namespace:company"),
    ("scopes_all_or_none", (COMPANY, "0s admit a", "1s release a scope=namespace:company"),
     "a claimed a slot of company.f, but none of namespace:company"),
    ("scopes_all_or_none", (COMPANY, "0s create a; release a scope=namespace:company"),
     "a released a slot of namespace:company that it did not hold"),
    ("scopes_all_or_none", (COMPANY, "0s create a; claim a scope=namespace:company before=4"),
     "the claim of a moved the counter of namespace:company from 4 to 5, but it stood at 0"),
    ("scopes_all_or_none", (*TWO_IN_COMPANY, "1s end a; release a scope=namespace:company before=1"),
     "the release of a moved the counter of namespace:company from 1 to 0, but it stood at 2"),
    ("scopes_all_or_none", (COMPANY, f"0s {HOLDS.format('a')}", "1s deleted a"),
     "a was deleted at 1s and never released its slot of namespace:company"),
    ("scopes_all_or_none", ("0s flow company.f; scope namespace:company limit=2; scope tenant:main limit=2",
                            "0s create a; gate a admit; claim a scope=tenant:main; state a RUNNING"),
     "a claimed a slot of tenant:main, but none of namespace:company"),
    ("scopes_all_or_none", ("0s flow company.f", "0s create a; claim a scope=namespace:company before=4"),
     "the claim of a moved the counter of namespace:company from 4 to 5, but it stood at 0"),
    ("display_matches_engine",
     ("0s flow n.f limit=1; scope namespace:n limit=9", "0s admit a", "1s create z; gate z queue before=5"),
     "the gate of n.f counted 5 active slots, but 1 are shown (z)"),
    ("trigger_lock_has_live_holder", (ONE, "1s lock tick ghost of=f"),
     "trigger tick of f is locked by an execution that does not exist"),
    ("trigger_lock_has_live_holder", (ONE, "1s fire tick a; admit a; lock tick a", "3s deleted a"),
     "trigger tick of f is locked by a (deleted at 3s)"),
    ("one_execution_per_fire", (ONE, "1s fire tick a of=f"), "a fire of tick of f made no execution (a)"),
    ("crash_loses_nothing", (ONE, A, "1s down worker"),
     "a (RUNNING since 0s) was left behind after the worker went down"),
    ("no_stranded_execution", (ONE, "0s create a"),
     "a (CREATED since 0s) never ends: nothing is under way that could end it"),
    ("no_stranded_execution", (ONE, A, "0s queue b", "1s end a"),
     "b (QUEUED since 0s) never ends: it waits for a slot of f, held by a"),
    ("no_stranded_execution", (ONE, A, "0s queue b", "1s deleted a"),
     "b (QUEUED since 0s) never ends: it waits for a slot of f, lost with a (deleted at 1s)"),
    ("no_stranded_execution", (ONE, A, "0s queue b", "1s end a; release a"),
     "b (QUEUED since 0s) never ends: it waits for a slot of f, which nobody holds"),
]  # fmt: skip
"""An invariant, a run, and the first sentence that is said of it."""

OF_AN_ENGINE = [
    ("limit_never_exceeded",
     ("0s flow f limit=2", A, "0s admit b; create c", "1s flow f limit=1", "1s gate c admit after=2; state c RUNNING"),
     "c was admitted to f as holder 3, limit 2 at most"),
    ("exact_at_the_boundary", (ONE, "0s create a", "1s flow f limit=3", "1s gate a admit"),
     "the gate of f went by the limit 3, but its revision has limit 1 QUEUE (a)"),
    ("display_matches_engine", (ONE, "0s create a", "1s flow f", "1s gate a admit after=1"),
     "the gate of f went by 1 slots, but no limit are shown (a)"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "lines", "said"), SAID)
def test_what_is_said(name, lines, said):
    assert first_break(name, *lines).splitlines()[0] == said


@pytest.mark.parametrize(("name", "lines", "said"), OF_AN_ENGINE)
def test_what_is_said_of_an_engine(name, lines, said):
    assert first_break(name, *lines, semantics="kestra-2.0.0").splitlines()[0] == said
