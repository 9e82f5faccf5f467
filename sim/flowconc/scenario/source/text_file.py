"""Reading a text file so that whatever it is, the answer comes at once: its text, or a sentence."""

from __future__ import annotations

import codecs
import errno
import re
import stat
from pathlib import Path
from typing import Final

from flowconc.scenario.problems import BadInput, Position, Problem

MAX_BYTES: Final = 2 * 1024 * 1024

_NOT_PRINTABLE: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_BYTE_ORDER_MARKS: Final = (  # UTF-32's little-endian mark starts with UTF-16's: the longer ones first
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)

_OS_ERRORS: Final = {
    errno.ENOENT: "there is no such file",
    errno.ENOTDIR: "there is no such file",
    errno.EACCES: "this file may not be read (permission denied)",
    errno.ELOOP: "this is a symbolic link that leads back to itself",
    errno.ENAMETOOLONG: "this file name is too long",
}


def read_text(path: Path, *, shown_as: str | None = None, max_bytes: int = MAX_BYTES) -> str:
    """Return the text of a UTF-8 file; `shown_as` is its name in messages.

    Raises BadInput for what is no readable regular file, is larger than `max_bytes`, is in another encoding,
    or holds control characters.
    """
    shown = shown_as if shown_as is not None else str(path)
    try:
        return _decoded(_bytes_of(path, shown, max_bytes), shown)
    except OSError as error:
        what = _OS_ERRORS.get(error.errno or 0, f"cannot be read ({error.strerror or error})")
        raise _refusal(Position(shown), what) from None
    except ValueError as error:  # a file name with a NUL in it
        raise _refusal(Position(shown), f"cannot be read ({error})") from None


def _bytes_of(path: Path, shown: str, max_bytes: int) -> bytes:
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise _refusal(Position(shown), "this is a directory", "a file")
    if not stat.S_ISREG(mode):  # a pipe would wait for ever, a device would never end
        raise _refusal(Position(shown), "this is no regular file", "a file")
    with path.open("rb") as stream:
        content = stream.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise _refusal(Position(shown), "the file is too large", f"at most {max_bytes // 1024:,} KiB")
    return content


def _decoded(content: bytes, shown: str) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            raise _refusal(Position(shown), f"the file is encoded in {encoding}", "UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", errors="replace")
        bad = f"byte 0x{content[error.start]:02x} is not UTF-8"
        raise _refusal(_end_of(before, shown), f"the file is not encoded in UTF-8 ({bad})", "UTF-8") from None
    if (found := _NOT_PRINTABLE.search(text)) is not None:
        position = _end_of(text[: found.start()], shown)
        if found[0] == "\0" and "\0" in (text[1:2], text[0:1]):
            raise _refusal(position, "the file seems to be encoded in UTF-16 or UTF-32", "UTF-8")
        what = f"the character U+{ord(found[0]):04X} is not allowed in YAML"
        raise _refusal(position, what, "printable characters")
    return text


def _end_of(text: str, shown: str) -> Position:
    lines = text.split("\n")
    return Position(shown, len(lines), len(lines[-1]) + 1)


def _refusal(position: Position, what: str, expected: str | None = None) -> BadInput:
    return BadInput([Problem(position, what, expected)])
