"""The flow languages of Kestra's versions: what each takes that another refuses."""

from __future__ import annotations

import pytest
import yaml

from flowconc.scenario.kestra_flow.dialect import DOCUMENTED, Dialect, dialect_of
from flowconc.scenario.kestra_flow.flow_file import parse_flow
from flowconc.scenario.problems import BadInput, Position
from flowconc.scenario.vocabulary import SEMANTICS

CORE = "io.kestra.plugin.core"
LOG = f"{{id: a, type: {CORE}.log.Log, message: x}}"
ITSELF = f"tasks: [{{id: s, type: {CORE}.flow.Subflow, namespace: a.b, flowId: f}}]"
EVERY = [dialect_of(name) for name in SEMANTICS]
VERSIONS = [dialect for dialect in EVERY if dialect.version is not None]


def read(text, dialect):
    data = {
        "id": "f",
        "namespace": "a.b",
        **yaml.safe_load(f"{{tasks: [{LOG}]}}"),
        **yaml.safe_load(f"{{{text}}}"),
    }
    return parse_flow(data, lambda loc, *, key=False: Position("f.yaml"), dialect=dialect)


def takes(text, dialect):
    """Say whether a flow with these properties can be saved in a version."""
    try:
        read(text, dialect)
    except BadInput:
        return False
    return True


def since(*version):
    return [dialect for dialect in VERSIONS if dialect.version >= version]


def until(*version):
    return [dialect for dialect in VERSIONS if dialect.version < version]


RETRY = (
    f"tasks: [{{id: a, type: {CORE}.log.Log, message: x, retry: {{type: constant, interval: PT1S, %s: 3}}}}]"
)
SCHEDULE = f"triggers: [{{id: t, type: {CORE}.trigger.Schedule, cron: '0 * * * *', %s}}]"
FLOW_TRIGGER = f"triggers: [{{id: t, type: {CORE}.trigger.Flow, %s}}]"


@pytest.mark.parametrize(
    ("text", "versions"),
    [
        ("description: x", VERSIONS),
        (f"afterExecution: [{LOG.replace('id: a', 'id: b')}]", since(0, 22)),
        (RETRY % "maxAttempts", VERSIONS),  # a new name for an old thing
        (RETRY % "maxAttempt", until(0, 23)),
        (SCHEDULE % "allowConcurrent: true", VERSIONS),
        (SCHEDULE % "recoverMissedSchedules: NONE", VERSIONS),
        (SCHEDULE % "when: '{{ x }}'", since(2)),
        (SCHEDULE % f"conditions: [{{type: {CORE}.condition.Weekend}}]", until(2)),
        (FLOW_TRIGGER % "dependsOn: [{flowId: g}]", since(2)),
        (FLOW_TRIGGER % "preconditions: {id: p, flows: [{namespace: a, flowId: g}]}", until(2)),
        (f"tasks: [{{id: l, type: {CORE}.flow.Loop, values: [1], tasks: [{LOG}]}}]", since(2)),
        (f"tasks: [{{id: l, type: {CORE}.flow.ForEach, values: [1], tasks: [{LOG}]}}]", until(2)),
        (f"tasks: [{{id: l, type: {CORE}.flow.EachSequential, value: '[1]', tasks: [{LOG}]}}]", until(2)),
        (f"tasks: [{{id: a, type: {CORE}.log.Log, message: x, workerGroup: {{key: k}}}}]", until(2)),
        ("inputs: [{id: x, type: BOOL}]", VERSIONS),
        ("inputs: [{id: x, type: BOOLEAN}]", until(2)),
        ("pluginDefaults: [{type: x, values: {}}]", until(2)),
        (ITSELF, until(2)),
        (
            FLOW_TRIGGER % "conditions: [], preconditions: {id: p, flows: [{namespace: a.b, flowId: f}]}",
            until(2),
        ),
    ],
)
def test_a_version_takes_what_its_engine_takes(text, versions):
    assert versions == [dialect for dialect in VERSIONS if takes(text, dialect)]


@pytest.mark.parametrize(
    "text",
    [
        f"tasks: [{{id: l, type: {CORE}.flow.ForEach, values: [1], tasks: [{LOG}]}}]",
        FLOW_TRIGGER % "preconditions: {id: p, flows: [{namespace: a, flowId: g}]}",
    ],
)
def test_documented_reads_what_is_left_of_older_versions_with_a_warning_and_they_read_it_without(text):
    assert len(read(text, DOCUMENTED).notices) == 1
    assert read(text, Dialect((1, 3, 31))).notices == ()


def test_a_flow_that_names_itself_by_a_template_is_taken_everywhere():
    text = f"tasks: [{{id: s, type: {CORE}.flow.Subflow, namespace: '{{{{ flow.namespace }}}}', flowId: '{{{{flow.id}}}}'}}]"

    assert [takes(text, dialect) for dialect in EVERY] == [True] * len(EVERY)


@pytest.mark.parametrize("dialect", EVERY, ids=str)
def test_what_a_version_cannot_allow_yet_it_ignores_and_that_is_said(dialect):
    source = read(SCHEDULE % "allowConcurrent: true", dialect)
    known = dialect not in until(1, 3)

    assert source.triggers[0].allow_concurrent is known
    assert len(source.notices) == (0 if known else 1)


def test_an_edit_stays_in_the_language_of_its_flow():
    source = read("description: x", Dialect((1, 1, 0)))
    later = yaml.safe_load("{" + SCHEDULE % "when: x" + "}")

    with pytest.raises(BadInput, match=r"Kestra 1\.1\.0 has no `when`: it is there since 2\.0"):
        source.with_changes(later, source.locate)
