"""What some tests need beyond Python, and whether it is here.

Run as a program, it says what a test run on this machine leaves out; in CI nothing may be missing.
"""

from __future__ import annotations

import os
import shutil

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

MISSING = {} if BROWSER else {"browser": "Chromium"}
"""Marker of tests -> the component that they need and that is not here."""

IN_CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")


def left_out() -> str:
    """Return the line that says what was left out."""
    if not MISSING:
        return "Nothing was left out."
    named = ", ".join(f"{marker} tests ({component})" for marker, component in sorted(MISSING.items()))
    return f"Left out: {named}. `make components` installs what they need (Debian packages, as root)."


if __name__ == "__main__":
    print(left_out())
