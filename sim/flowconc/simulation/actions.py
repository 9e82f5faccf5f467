"""Operators: the scenario's actions, each at its time."""

from __future__ import annotations

from functools import partial

from flowconc.protocol.states import State
from flowconc.protocol.steps import Message
from flowconc.scenario.model import Action, Selection, Verb
from flowconc.simulation.clock import Rank
from flowconc.simulation.installation import Installation


def plan_actions(installation: Installation) -> None:
    """Set the clock for every action; at equal times they come in the order of the file."""
    for place, action in enumerate(installation.scenario.actions):
        carry_out = partial(installation.send, message_of(action), actor="operator")
        installation.clock.at(action.at_us, lambda _, call=carry_out: call(), Rank.ACTION, place)  # type: ignore[misc]


def message_of(action: Action) -> Message:
    """Say an action in the protocol's words."""
    verb, target = action.verb, action.target
    if isinstance(target, Selection):
        return Message("act_on_many", None, (verb.value, target.flow, target.states, _argument(action)))
    match verb:
        case Verb.EDIT:
            return Message("edit_flow", None, (target, action.flow))
        case Verb.CREATE_FLOW:
            return Message("create_flow", None, (target, action.flow))
        case Verb.DELETE_FLOW:
            return Message("delete_flow", None, (target,))
        case Verb.DISABLE_TRIGGER | Verb.ENABLE_TRIGGER:
            flow, _, name = target.rpartition(".")
            return Message("switch_trigger", None, (verb.value, flow, name))
        case Verb.BACKFILL:
            flow, _, name = target.rpartition(".")
            return Message("backfill", None, (flow, name, *(action.window_us or ())))
        case Verb.EDIT_LIMIT:
            return Message("edit_scope", None, (target, action.concurrency))
        case Verb.SET_COUNTER:
            return Message("set_counter", None, (target, action.running))
        case _:
            return Message("act_on_one", None, (verb.value, target, _argument(action)))


def _argument(action: Action) -> object:
    """Return what the verb needs besides its target, as the protocol's step of that name takes it."""
    match action.verb:
        case Verb.UNQUEUE | Verb.CHANGE_STATUS:
            return State(action.to) if action.to is not None else None
        case Verb.REPLAY:
            return action.from_task, action.as_name
        case Verb.PURGE:
            return action.unended
        case _:
            return None
