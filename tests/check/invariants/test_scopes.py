"""The invariants over namespace and tenant limits, each with a run that it accepts and one that it catches."""

from __future__ import annotations

import pytest

from tests.check.watching import broken, first_break

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
