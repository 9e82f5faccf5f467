"""The invariants over namespace and tenant limits, each with a run that it accepts and one that it catches."""

from __future__ import annotations

import pytest

from tests.check.watching import broken, broken_in, first_break
from tests.traces import trace_of

COMPANY = "namespace:company"
MAIN = "tenant:main"

SCOPES = (
    "0s flow company.a; scope namespace:company limit=2; scope tenant:main limit=3",
    "0s flow company.team.b limit=1",
)


def admit(name: str, flow: str, *scopes: str) -> str:
    claims = "".join(f"claim {name} scope={scope}; " for scope in scopes)
    return f"create {name} of={flow}; gate {name} admit; claim {name}; {claims}state {name} RUNNING gate; start {name}"


def end(name: str, *scopes: str) -> str:
    releases = "".join(f"; release {name} scope={scope}" for scope in scopes)
    return f"end {name}{releases}; release {name}"


BOTH = (COMPANY, MAIN)


class TestScopesAllOrNone:
    def test_a_slot_in_every_scope_over_the_flow(self):
        """A namespace's limit covers the namespaces below it; a flow without a tenant is one of `main`."""
        assert (
            broken(
                *SCOPES,
                f"0s {admit('x', 'company.a', *BOTH)}; {admit('y', 'company.team.b', *BOTH)}",
                f"1s {end('x', *BOTH)}; {end('y', *BOTH)}",
            )
            == set()
        )

    def test_a_flow_elsewhere(self):
        assert (
            broken(
                *SCOPES,
                "0s flow companion.c",
                f"0s {admit('x', 'companion.c', MAIN)}",
                f"1s {end('x', MAIN)}",
            )
            == set()
        )

    def test_a_scope_that_was_forgotten(self):
        lines = (*SCOPES, f"0s {admit('x', 'company.a', COMPANY)}", f"1s {end('x', COMPANY)}")

        assert broken(*lines) == {"scopes_all_or_none"}
        assert first_break("scopes_all_or_none", *lines).splitlines()[0] == (
            "x claimed a slot of company.a, namespace:company, but none of tenant:main"
        )

    def test_no_scope_at_all(self):
        assert broken(*SCOPES, f"0s {admit('x', 'company.a')}", f"1s {end('x')}") == {"scopes_all_or_none"}

    def test_a_limit_that_is_gone_claims_nothing_any_more(self):
        """What was claimed before is given back all the same (BUGS, #18235)."""
        assert (
            broken(
                *SCOPES,
                f"0s {admit('x', 'company.a', *BOTH)}",
                f"1s scope {COMPANY}",
                f"2s {admit('y', 'company.a', MAIN)}",
                f"3s {end('x', *BOTH)}; {end('y', MAIN)}",
            )
            == set()
        )

    def test_a_claim_by_who_was_turned_away(self):
        assert "scopes_all_or_none" in broken(
            *SCOPES,
            f"0s create x of=company.a; gate x queue; claim x scope={MAIN}; state x QUEUED",
            "1s over until",
        )

    def test_nor_is_one_who_was_popped_since(self):
        """A resume comes through RESTARTED, too, and passes no gate (SEMANTICS 3.8)."""
        waits = ("0s flow n.a limit=1; scope namespace:n limit=1", f"0s {admit('x', 'n.a', 'namespace:n')}")
        popped = "claim y; claim y scope=namespace:n; state y RUNNING pop; start y"

        assert (
            broken(
                *waits,
                "1s queue y of=n.a",
                f"2s {end('x', 'namespace:n')}; {popped}",
                "3s finish y; state y PAUSED pause",
                "4s state y RESTARTED resume; state y RUNNING resume; state y SUCCESS; "
                "release y scope=namespace:n; release y",
            )
            == set()
        )

    def test_a_release_of_what_was_not_claimed(self):
        assert "scopes_all_or_none" in broken(
            *SCOPES, f"0s {admit('x', 'company.a', *BOTH)}", f"1s {end('x', COMPANY, MAIN, MAIN)}"
        )

    def test_a_slot_that_is_kept(self):
        lines = (*SCOPES, f"0s {admit('x', 'company.a', *BOTH)}", f"1s {end('x', COMPANY)}")

        assert broken(*lines) == {"scopes_all_or_none"}
        assert first_break("scopes_all_or_none", *lines).splitlines()[0] == (
            "x ended SUCCESS at 1s and never released its slot of tenant:main"
        )

    def test_a_counter_that_jumps(self):
        assert "scopes_all_or_none" in broken(
            *SCOPES,
            f"0s create x of=company.a; gate x admit; claim x; claim x scope={COMPANY} before=1; "
            f"claim x scope={MAIN}; state x RUNNING gate; start x",
            f"1s {end('x', *BOTH)}",
        )


class TestTheOthers:
    FULL = (*SCOPES, *(f"0s {admit(name, 'company.a', *BOTH)}" for name in ("x", "y")))

    def test_an_admission_above_a_scope(self):
        lines = (*self.FULL, f"0s {admit('z', 'company.a', *BOTH)}", "1s over until")

        assert {"limit_never_exceeded", "exact_at_the_boundary"} <= broken(*lines)
        assert first_break("limit_never_exceeded", *lines).splitlines()[0] == (
            "z was admitted to namespace:company as holder 3, limit 2 QUEUE"
        )

    def test_the_first_limit_that_is_reached_decides(self):
        """SEMANTICS 3.16: here it is the namespace's; the flow has a slot, and the tenant too."""
        turned_away = "create z of=company.team.b; gate z queue before=2 after=2; state z QUEUED"

        assert broken(*self.FULL, f"1s {turned_away}", "2s over until") == set()

    def test_of_several_the_innermost_namespace_and_the_tenant_last(self):
        full = (*self.FULL, "0s flow other.c", f"0s {admit('w', 'other.c', MAIN)}")
        by_namespace = "1s create z of=company.a; gate z queue before=2 after=2; state z QUEUED"
        by_tenant = "1s create z of=company.a; gate z queue before=3 after=3; state z QUEUED"

        assert "exact_at_the_boundary" not in broken(*full, by_namespace, "2s over until")
        assert "exact_at_the_boundary" in broken(*full, by_tenant, "2s over until")

    @pytest.mark.parametrize("gate", ["gate z queue before=2 after=3", "gate z cancel before=2 after=2"])
    def test_and_no_other(self, gate):
        assert "exact_at_the_boundary" in broken(
            *self.FULL, f"1s create z of=company.team.b; {gate}; state z QUEUED", "2s over until"
        )

    def test_who_waits_for_a_namespace_waits_rightly(self):
        waits = (*self.FULL, "1s create z of=company.team.b; gate z queue before=2 after=2; state z QUEUED")
        popped = f"claim z; claim z scope={COMPANY}; claim z scope={MAIN}; state z RUNNING pop; start z"

        assert (
            broken(*waits, f"2s {end('x', *BOTH)}; {popped}", f"3s {end('y', *BOTH)}; {end('z', *BOTH)}")
            == set()
        )
        assert broken(*waits, f"2s {end('x', *BOTH)}", f"3s {end('y', *BOTH)}") >= {"work_conserving"}

    def test_the_oldest_goes_first_of_whatever_flow_it_is(self):
        flows = (
            "0s flow n.a; scope namespace:n limit=1",
            "0s flow n.b",
            f"0s {admit('x', 'n.a', 'namespace:n')}",
        )
        waits = (
            "1s create old of=n.b; gate old queue before=1 after=1; state old QUEUED",
            "2s create new of=n.a; gate new queue before=1 after=1; state new QUEUED",
        )

        def popped(name: str) -> str:
            return f"claim {name}; claim {name} scope=namespace:n; state {name} RUNNING pop; start {name}"

        def handed(first: str, then: str) -> tuple[str, ...]:
            return (
                f"3s {end('x', 'namespace:n')}; {popped(first)}",
                f"4s {end(first, 'namespace:n')}; {popped(then)}",
                f"5s {end(then, 'namespace:n')}",
            )

        assert broken(*flows, *waits, *handed("old", "new")) == set()
        assert broken(*flows, *waits, *handed("new", "old")) == {"fifo"}
        assert first_break("fifo", *flows, *waits, *handed("new", "old")).splitlines()[0] == (
            "new was popped before old (QUEUED since 1s) of n.b, which fits its limits"
        )

    def test_who_never_had_a_slot_of_a_namespace_waits_for_it_too(self):
        """Its flow is looked at when the namespace has room again, not only at the end."""
        lines = (
            "0s flow n.a; scope namespace:n limit=1",
            "0s flow n.b",
            f"0s {admit('x', 'n.a', 'namespace:n')}",
            "1s create y of=n.b; gate y queue before=1 after=1; state y QUEUED",
            f"2s {end('x', 'namespace:n')}",
            "3s claim y; claim y scope=namespace:n; state y RUNNING pop; start y",
            f"4s {end('y', 'namespace:n')}",
        )

        assert broken(*lines) == {"work_conserving"}

    def test_a_save_may_move_the_queue_later_where_steps_take_time(self):
        lines = (
            "0s flow n.a limit=1; scope namespace:n limit=9",
            f"0s {admit('x', 'n.a', 'namespace:n')}",
            "1s queue y of=n.a",
            "2s flow n.a limit=2",
            "2.1s claim y; claim y scope=namespace:n; state y RUNNING pop; start y",
            f"4s {end('x', 'namespace:n')}; {end('y', 'namespace:n')}",
        )

        assert broken(*lines) == {"work_conserving"}
        assert broken_in(trace_of(*lines, connections=3)) == set()
        assert broken_in(trace_of(*lines[:-2], f"4s {end('x', 'namespace:n')}", connections=3)) >= {
            "work_conserving"
        }

    def test_who_waits_behind_a_paused_one_elsewhere_is_not_stranded(self):
        assert (
            broken(
                "0s flow company.a; scope namespace:company limit=1",
                "0s flow company.b",
                f"0s {admit('x', 'company.a', COMPANY)}",
                "1s finish x; state x PAUSED pause",
                "2s create z of=company.b; gate z queue before=1 after=1; state z QUEUED",
            )
            == set()
        )
