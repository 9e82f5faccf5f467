"""A page in headless Chromium: what a script sees on it; no error and no warning may be logged."""

from __future__ import annotations

import json
import re
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

from tests.components import BROWSER

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

WATCH = """<script>
window.errors = [];
addEventListener("error", (event) => errors.push(String(event.message)));
for (const level of ["error", "warn"]) console[level] = (...said) => errors.push(said.join(" "));
</script>"""

PROBE = """<script>
const $ = (selector) => document.querySelector(selector);
%s
const seen = (() => { %s })();
document.body.innerHTML = "";
document.body.append(Object.assign(document.createElement("pre"), {id: "seen", textContent: JSON.stringify({seen, errors})}));
</script>"""


def seen_in(page: Path, script: str, tmp_path: Path, helpers: str = "") -> Any:
    """Return what `script`, the body of a function, returns on the page; `helpers` stand before it."""
    assert BROWSER, "Chromium is missing: make components"
    probed = tmp_path / "probed.html"
    text = page.read_text("utf-8").replace("<head>", "<head>" + WATCH, 1)
    probed.write_text(text.replace("</body>", PROBE % (helpers, script) + "</body>"), "utf-8")
    command = [BROWSER, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", probed.as_uri()]
    dumped = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    found = re.search(r'<pre id="seen">(.*?)</pre>', dumped, re.DOTALL)
    assert found, dumped[-2000:]
    answer = json.loads(unescape(found[1]))

    assert answer["errors"] == []

    return answer["seen"]
