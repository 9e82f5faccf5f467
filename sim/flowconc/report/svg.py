"""matplotlib's SVG made fit for a file and for a page: small, without addresses, with a title and page colours."""

from __future__ import annotations

import re
from html import escape

INK, MUTED, GRID = "#1f2933", "#5f6b7a", "#d9dee5"
LINE, LIMIT = "#0067a8", "#b34700"
MADE, SKIPPED, FAILURE = "#00735a", "#b34701", "#c0123c"
"""Colours that colour-blind people can tell apart (after Okabe and Ito), dark enough for text on white."""

_VARIABLES = {
    INK: "--ink",
    MUTED: "--muted",
    GRID: "--grid",
    LINE: "--line",
    LIMIT: "--limit",
    MADE: "--made",
    SKIPPED: "--skipped",
    FAILURE: "--fail",
}
_FONTS = "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"
_TAG = re.compile("<[^>]*>")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
"""Characters that XML does not allow, and those that turn the direction of the text after them."""


def tidy(svg: str, title: str) -> str:
    """Return an SVG file from matplotlib's: without document type and metadata, rounded, with a title."""
    body = svg[svg.index("<svg") :]
    body = re.sub(r"\s*<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = _FORBIDDEN.sub("\ufffd", _TAG.sub(_tidy_tag, body))
    head, _, rest = body.partition(">")
    label = escape(title, quote=True)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{head} role="img">\n <title>{label}</title>{rest}'


def inline(svg: str, prefix: str) -> str:
    """Return an SVG file as an element of a page: its ids made unique by `prefix`, its colours the page's own.

    The white background goes, since the page may be dark.
    """
    body = svg[svg.index("<svg") :]
    body = re.sub(r'\s*<g id="patch_1">.*?</g>', "", body, count=1, flags=re.DOTALL)
    body = re.sub(r"\s*<defs>\s*<style.*?</style>\s*</defs>", "", body, count=1, flags=re.DOTALL)
    return _TAG.sub(lambda tag: _inline_tag(tag[0], prefix), body)


def _tidy_tag(match: re.Match[str]) -> str:
    tag = match[0].replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "").replace("xlink:href", "href")
    tag = tag.replace("'DejaVu Sans'", _FONTS)
    tag = re.sub(r"(\d\.\d\d)\d+", r"\1", tag)
    return re.sub(r' d="([^"]*)"', _short_path, tag)


def _inline_tag(tag: str, prefix: str) -> str:
    if tag.startswith("<svg"):
        tag = re.sub(r' (?:xmlns|width|height)="[^"]*"', "", tag)
    tag = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', tag)
    tag = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}-\1)", tag)
    tag = re.sub(r'href="#([^"]+)"', rf'href="#{prefix}-\1"', tag)
    for colour, variable in _VARIABLES.items():
        tag = tag.replace(colour, f"var({variable})")
    return tag


def _short_path(match: re.Match[str]) -> str:
    """Write a path's level and upright lines as H and V, rounded to 0.1 points: a third of the text for steps."""
    parts: list[str] = []
    before = ("", "")
    for command, x, y in re.findall(r"([MLz])(?: ([-\d.e]+) ([-\d.e]+))?", match[1]):
        point = (_tenths(x), _tenths(y)) if x else ("", "")
        if command == "L" and point == before:
            continue
        if command == "L" and point[1] == before[1]:
            parts.append(f"H{point[0]}")
        elif command == "L" and point[0] == before[0]:
            parts.append(f"V{point[1]}")
        else:
            parts.append(command + " ".join(point).strip())
        before = point
    return f' d="{"".join(parts)}"' if parts and "C" not in match[1] and "Q" not in match[1] else match[0]


def _tenths(number: str) -> str:
    text = f"{float(number):.1f}".removesuffix(".0")
    return "0" if text == "-0" else text
