"""Look up the locked dependencies among the known vulnerabilities, with pip-audit.

    python requirements/audit.py

Ends with 1 when there is one, and with 2 when something was not looked up, because the service that knows them cannot
be reached or does not know a package. `nox -s audit` and `.ci/run` show that and go on: a network that is down says
nothing of the project.
"""
# ruff: noqa: INP001 - a script beside the files that it reads.

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

LOCKED = Path(__file__).with_name("test.txt")
SECONDS = 300
VULNERABLE = 1
NOT_AUDITED = 2


def main() -> int:
    """Audit, report, and return the exit status."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(LOCKED), "--no-deps", "--disable-pip"]
    command += ["--format", "json", "--progress-spinner", "off"]
    try:
        audit = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603
        output, trouble = audit.stdout, audit.stderr
    except subprocess.TimeoutExpired:
        output, trouble = "", f"no answer within {SECONDS} seconds"
    try:
        dependencies = json.loads(output)["dependencies"]
    except (ValueError, KeyError):
        last = trouble.strip().splitlines()[-1] if trouble.strip() else "no reason given"
        _say(f"NOT AUDITED: the advisory service gave no answer, so nothing was looked up. {last[:300]}")
        return NOT_AUDITED
    return _report(dependencies)


def _report(dependencies: list[dict[str, Any]]) -> int:
    skipped = {str(one["name"]): str(one["skip_reason"]) for one in dependencies if "skip_reason" in one}
    if not dependencies:
        _say("NOT AUDITED: no dependency was looked up")
    if skipped:
        _say(f"NOT AUDITED: {len(skipped)} of {len(dependencies)}: {', '.join(skipped)}")
        _say(f"NOT AUDITED: the first one's reason: {next(iter(skipped.values()))}")
    found = [one for one in dependencies if one.get("vulns")]
    for one in found:
        _say(f"VULNERABLE: {one['name']} {one['version']}: {', '.join(str(v['id']) for v in one['vulns'])}")
    _say(f"{len(dependencies) - len(skipped)} dependencies audited, {len(found)} with known vulnerabilities")
    if found:
        return VULNERABLE
    return NOT_AUDITED if skipped or not dependencies else 0


def _say(sentence: str) -> None:
    sys.stdout.write(sentence + "\n")


if __name__ == "__main__":
    sys.exit(main())
