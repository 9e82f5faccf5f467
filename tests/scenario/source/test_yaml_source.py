"""YAML with positions: YAML 1.2's core schema, and hostile input that ends in a sentence."""

from __future__ import annotations

import math
import time
from pathlib import Path

import pytest

from flowconc.scenario.problems import BadInput
from flowconc.scenario.source.yaml_source import Document, documents, read_text


def document(text: str) -> Document:
    [found] = documents(text, "x.yaml")
    return found


def refusal(text: str) -> str:
    with pytest.raises(BadInput) as raised:
        documents(text, "x.yaml")
    return str(raised.value)


# --- values -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("on", "on"),
        ("yes", "yes"),
        ("1:30", "1:30"),
        ("017", 17),
        ("0o17", 15),
        ("0x1F", 31),
        ("+7", 7),
        ("1_000", "1_000"),
        ("2026-01-01", "2026-01-01"),
        ("true", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("-.inf", -math.inf),
        ("'2'", "2"),
        ('"true"', "true"),
        ("!!str 2", "2"),
        ("! 2", "2"),
        ("!!float 2", 2),
    ],
)
def test_scalars_mean_what_they_look_like(written: str, meant: object) -> None:
    value = document(f"key: {written}").data["key"]

    assert meant == value
    assert type(meant) is type(value)


def test_nan() -> None:
    assert math.isnan(document("key: .nan").data["key"])


def test_keys_are_text_as_written() -> None:
    assert document("{1: a, true: b, null: c}").data == {"1": "a", "true": "b", "null": "c"}


def test_aliases_repeat_what_they_refer_to() -> None:
    assert document("a: &x {p: 1}\nb: [*x, *x]").data == {"a": {"p": 1}, "b": [{"p": 1}, {"p": 1}]}


def test_merged_keys_yield_to_written_ones() -> None:
    found = document("a: &x {p: 1, q: 1}\nb: &y {q: 2, r: 2}\nc: {<<: [*x, *y], p: 3}").data["c"]

    assert found == {"p": 3, "q": 1, "r": 2}


def test_several_documents() -> None:
    assert [found.data for found in documents("a\n---\n---\nb\n", "x.yaml")] == ["a", None, "b"]


def test_text_without_content_has_no_document() -> None:
    assert documents("# nothing\n", "x.yaml") == ()


# --- positions ----------------------------------------------------------------------------------------------

PLACES = """\
scenario: x
flows:
  - id: a
    namespace: b
  - &c [1, 2]
again: *c
"""


@pytest.mark.parametrize(
    ("loc", "key", "place"),
    [
        ((), False, "1:1"),
        (("scenario",), False, "1:11"),
        (("scenario",), True, "1:1"),
        (("flows", 0, "namespace"), False, "4:16"),
        (("flows", 0, "namespace"), True, "4:5"),
        (("flows", 0, "missing"), False, "3:5"),
        (("flows", 0, "missing", "deeper"), True, "3:5"),
        (("flows", 1, 1), False, "5:12"),
        (("again",), False, "6:8"),
        (("again", 1), False, "5:12"),
        (("missing",), False, "1:1"),
    ],
)
def test_every_value_and_key_can_be_found(loc: tuple[str | int, ...], key: bool, place: str) -> None:
    assert f"x.yaml:{place}" == str(document(PLACES).locate(loc, key=key))


# --- what is refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\na: 2", "x.yaml:2:1: 'a' is there twice, first in line 1, expected each key once"),
        ("a: *y", "x.yaml:1:4: there is no anchor &y before this alias"),
        ("a: &x [*x]", "x.yaml:1:8: *x refers to what contains it, expected an alias to a finished value"),
        ("a: !foo 2", "x.yaml:1:4: the tag !foo is not known, expected a value without a tag"),
        ("a: !!python/object:os.system x", "x.yaml:1:4: the tag !!python/object:os.system is not known"),
        ("a: !!int x", "x.yaml:1:4: 'x' is no int, as its tag says"),
        ("[1]: 2", "x.yaml:1:1: a mapping or list cannot be a key"),
        ("a: &x 1\n*x : 2", "x.yaml:2:1: an alias cannot be a key"),
        ("a: {<<: 1}", "x.yaml:1:9: << can merge only mappings"),
        ("a: 1e999", "x.yaml:1:4: the number 1e999 is beyond the range of 64 bits"),
        ("a: 99999999999999999999", "x.yaml:1:4: the number 99999999999999999999 is beyond the range"),
        ("a:\n\tb: 1", "x.yaml:2:1: a tab cannot indent YAML, expected spaces"),
        ("a: 'x", "x.yaml:1:6: this is not YAML (while scanning a quoted scalar"),
        ("a: {b: ${c}}", "did you mean '\"${c}\"'?"),
    ],
)
def test_refusals_say_where_and_why(text: str, said: str) -> None:
    assert said in refusal(text)


def test_all_errors_come_at_once() -> None:
    assert len(refusal("a: 1\na: 2\nb: !foo 1\nc: 1e999").splitlines()) == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[" * 100_000,
            "x.yaml:1:101: mappings and lists are nested too deeply, expected at most 100 levels",
        ),
        ("{a: " * 100_000, "nested too deeply"),
        ("- " * 100_000, "nested too deeply"),
        (
            "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60)),
            "there are too many values, expected at most 50,000, aliases followed",
        ),
        (
            "a0: &a0 " + "[" * 90 + "]" * 90 + "\na1: " + "[" * 90 + "*a0" + "]" * 90,
            "nested too deeply",
        ),
        ("a: " + "9" * 1_900_000, "a number of 1,900,000 characters is beyond any range"),
        ("- a\n" * 500_000, "there are too many values"),
        ("---\n" * 500_000, "there are too many values"),
        ("a: !x 1\n" * 200_000, "the tag !x is not known"),
    ],
    ids=[
        "lists",
        "mappings",
        "dashes",
        "alias bomb",
        "deep alias",
        "digits",
        "values",
        "documents",
        "errors",
    ],
)
def test_hostile_text_ends_soon(text: str, said: str) -> None:
    start = time.process_time()

    assert said in refusal(text)
    assert time.process_time() - start < 1


# --- files --------------------------------------------------------------------------------------------------


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")

    assert read_text(path) == "a: 1\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a: 1".encode("utf-16"), "1:1: the file is encoded in UTF-16, expected UTF-8"),
        ("a: 1".encode("utf-32"), "1:1: the file is encoded in UTF-32, expected UTF-8"),
        ("a: 1".encode("utf-16-le"), "the file seems to be encoded in UTF-16 or UTF-32, expected UTF-8"),
        (
            b"a: 1\nb: caf\xe9\n",
            "2:7: the file is not encoded in UTF-8 (byte 0xe9 is not UTF-8), expected UTF-8",
        ),
        (b"a: 1\n b\x07", "2:3: the character U+0007 is not allowed in YAML, expected printable characters"),
        (b"#" * (2 * 1024 * 1024 + 1), "1:1: the file is too large, expected at most 2,048 KiB"),
    ],
    ids=["utf-16", "utf-32", "utf-16 without mark", "latin-1", "control", "large"],
)
def test_other_encodings_and_sizes_are_refused(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(content)

    with pytest.raises(BadInput) as refused:
        read_text(path, shown_as="x.yaml")

    assert said in str(refused.value)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    loop = tmp_path / "loop.yaml"
    loop.symlink_to(loop)
    said = {}
    for path in (loop, tmp_path, tmp_path / "none", Path("/dev/zero"), Path("a\0b")):
        with pytest.raises(BadInput) as refused:
            read_text(path, shown_as="x.yaml")
        said[path] = refused.value.problems[0].what

    assert list(said.values()) == [
        "this is a symbolic link that leads back to itself",
        "this is a directory",
        "there is no such file",
        "this is no regular file",
        "cannot be read (embedded null byte)",
    ]
