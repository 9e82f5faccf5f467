"""Bad files end in sentences: each file of `malformed/` with the exact lines beside it, and random damage."""

from __future__ import annotations

import contextlib
import copy
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from flowconc.scenario.load import load
from flowconc.scenario.problems import BadInput, Problem

MALFORMED = Path(__file__).parent / "malformed"
FILES = sorted(MALFORMED.glob("*.flowconc.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name.removesuffix(".flowconc.yaml"))
def test_a_malformed_file_is_answered_with_these_lines(path, monkeypatch):
    monkeypatch.chdir(MALFORMED)

    with pytest.raises(BadInput) as caught:
        load(path.name)

    expected = path.with_name(path.name.replace(".flowconc.yaml", ".txt")).read_text(encoding="utf-8")
    assert expected == f"{caught.value}\n"


def test_every_expected_answer_has_its_file():
    answers = {path.stem for path in MALFORMED.glob("*.txt")}

    assert answers == {path.name.removesuffix(".flowconc.yaml") for path in FILES}


@pytest.mark.parametrize(
    "text",
    [
        "arrivals:\n" + "- {flow: f, at: 5}\n" * 5_000,
        "arrivals:\n" + "- {flow: nowhere, at: 5s}\n" * 5_000,
        "".join(f"key{number}: 1\n" for number in range(5_000)),
        "actions:\n" + "- {at: 5s, edit: f, concurrency: null}\n" * 1_000,
        f"arrivals: [{{flow: {'x' * 100_000}, at: 5s}}]\n",
    ],
    ids=["wrong entries", "unknown names", "unknown keys", "edits without end", "a name without end"],
)
def test_very_many_errors_are_told_in_part(text, tmp_path):
    flow = "{id: f, namespace: n, tasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: hi}]}"
    path = tmp_path / "x.flowconc.yaml"
    path.write_text(f"scenario: s\nflows: [{flow}]\n{text}", encoding="utf-8")

    with pytest.raises(BadInput) as caught:
        load(path)

    assert 1 <= len(caught.value.problems) <= 202
    assert max(len(str(problem)) for problem in caught.value.problems) < 1_000


# --- random damage ------------------------------------------------------------------------------------------

VALID = yaml.safe_load(
    (Path(__file__).parent / "data" / "everything.flowconc.yaml").read_text(encoding="utf-8")
)

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=12)
    | st.sampled_from(
        ["0s", "10", "-1s", "1h", "3/min", "5%", "f", "f#1", "a", "all", "${limit}", "x${limit}", "${"]
    )
    | st.sampled_from(
        ["QUEUED", "SUCCESS", "> 1", "*", "../", "constant(1s)", "empirical(x)", "PT1S", "9" * 400]
    )
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def places(value, path=()):
    """Every path into nested data."""
    yield path
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, inner in children:
        yield from places(inner, (*path, key))


PLANNED = {
    "scenario": "planned",
    "flows": [
        {
            "id": "f",
            "namespace": "n",
            "concurrency": {"limit": 2},
            "tasks": [{"id": "w", "type": "io.kestra.plugin.core.http.Request", "uri": "x"}],
        }
    ],
    "tasks": {"f": {"w": {"duration": "${length}"}}},
    "arrivals": [{"flow": "f", "poisson": "3/min"}],
    "run": {"until": "1h"},
    "plan": {
        "flow": "f",
        "vary": {
            "limit": ["1..3", 5],
            "behavior": ["QUEUE", "CANCEL"],
            "load": [1, 1.5],
            "duration": 1,
            "parameters": {"length": ["5s", "10s"]},
        },
        "goals": ["queue_wait{flow=f} p95 < 60s", "rejected rate < 1%"],
        "protect": "slots_in_use max <= 8",
        "confidence": "95%",
        "replications": 10,
        "sensitivity": True,
        "recovery": [{"outage": "10m"}, {"burst": 5, "at": "1m"}],
    },
}
DOCUMENTS = [VALID, PLANNED]
PLACES = [list(places(document))[1:] for document in DOCUMENTS]


def damage(draw, document, path):
    """Delete, replace or rename what is at `path`."""
    *ancestors, last = path
    owner = document
    for step in ancestors:
        owner = owner[step]
    what = draw(st.sampled_from(["delete", "replace", "rename"]))
    if what == "delete":
        del owner[last]
    elif what == "rename" and isinstance(owner, dict):
        owner[draw(st.text(max_size=8))] = owner.pop(last)
    else:
        owner[last] = draw(values)


@st.composite
def damaged(draw):
    """Return a valid document with one to three places deleted, replaced or renamed."""
    which = draw(st.sampled_from(range(len(DOCUMENTS))))
    document = copy.deepcopy(DOCUMENTS[which])
    for path in draw(st.lists(st.sampled_from(PLACES[which]), min_size=1, max_size=3, unique=True)):
        with contextlib.suppress(KeyError, IndexError, TypeError):  # an earlier damage took the place away
            damage(draw, document, path)
    return document


@settings(max_examples=200, deadline=None)
@given(document=damaged())
def test_whatever_is_damaged_the_answer_is_scenarios_or_bad_input(tmp_path_factory, document):
    path = tmp_path_factory.mktemp("damaged") / "x.flowconc.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")

    try:
        answer = load(path)
    except BadInput as error:
        answer = error.problems

    assert answer
    assert all("\n" not in str(problem) for problem in answer if isinstance(problem, Problem))
