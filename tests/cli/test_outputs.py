"""Where commands write: looked at before, and the same bytes everywhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowconc.cli.outputs import STDOUT, CannotWrite, check_writable, write


def test_a_text_goes_to_a_file_with_the_line_ends_that_it_has(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    write(tmp_path / "plan.csv", "é\nb\r\n")

    assert (tmp_path / "plan.csv").read_bytes() == b"\xc3\xa9\nb\r\n"
    assert capsys.readouterr().out == ""


def test_or_to_stdout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.chdir(tmp_path)
    write(STDOUT, "a\n")

    assert capsys.readouterr().out == "a\n"
    assert list(tmp_path.iterdir()) == []


def test_what_can_be_written_is_left_as_it_is(tmp_path: Path):
    (tmp_path / "old").write_text("a")
    for name in ("old", "new"):
        check_writable(tmp_path / name)

    assert (tmp_path / "old").read_text() == "a"
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("path", "said"), [("", "is a directory, expected a file"), ("no/f", "there is no directory")]
)
def test_what_cannot_says_why(tmp_path: Path, path: str, said: str):
    with pytest.raises(CannotWrite, match=said):
        check_writable(tmp_path / path)
