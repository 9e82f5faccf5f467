#!/usr/bin/env python3
"""Run one script against the real Kestra engine of one version.

    engine/record.py VERSION SCRIPT.yaml OUT.jsonl

Builds the recorder for that version on first use (Maven, JDK 25), then starts one JVM.
Exit status 3: the script does not apply to that version.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ENGINE = Path(__file__).resolve().parent
JVM_FLAGS = (
    "-XX:TieredStopAtLevel=1",
    "-Xmx1g",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
)


def major(version: str) -> int:
    """Return the first number of a version."""
    return int(version.split(".", maxsplit=1)[0])


def build(version: str) -> str:
    """Compile the recorder for `version` if its sources changed; return its class path."""
    target = ENGINE / "target" / version
    class_path = target / "classpath.txt"
    sources = [ENGINE / "pom.xml", *(ENGINE / "src").rglob("*.java")]
    newest = max(source.stat().st_mtime for source in sources)
    if not class_path.exists() or class_path.stat().st_mtime < newest:
        properties = [f"-Dkestra.version={version}", f"-Dkestra.line={'v2' if major(version) >= 2 else 'v1'}"]
        if major(version) >= 1:
            properties.append("-Dkestra.modules")
        subprocess.run(  # noqa: S603 - the project's own build
            [
                *("mvn", "-q", "-B", *properties, "compile"),
                *("dependency:build-classpath", f"-Dmdep.outputFile={class_path}"),
            ],
            cwd=ENGINE,
            check=True,
        )
    return f"{target / 'classes'}{os.pathsep}{class_path.read_text().strip()}"


def java() -> str:
    """Return the JVM of `JAVA_HOME`, else the one on the path."""
    home = os.environ.get("JAVA_HOME")
    return str(Path(home) / "bin" / "java") if home else "java"


def main(arguments: list[str]) -> int:
    """Record one script; return the exit status."""
    if len(arguments) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    version, script, out = arguments
    verbose = ["-Dflowconc.verbose"] if "FLOWCONC_VERBOSE" in os.environ else []
    command = [java(), *JVM_FLAGS, *verbose, "-cp", build(version)]
    command += ["flowconc.engine.Main", version, script, out]
    return subprocess.run(["nice", "-n", "19", *command], check=False).returncode  # noqa: S603, S607 - the build's own program


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
