"""The locked requirements have hashes, and an audit that looked nothing up does not pass for one that found nothing."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "requirements"
PINNED = re.compile(r"[a-z0-9-]+==[\w.]+(?: ; [^\\]+)?(?: \\\n    --hash=sha256:[0-9a-f]{64})+")


def test_every_requirement_is_pinned_with_hashes_and_names_no_place():
    text = (FOLDER / "test.txt").read_text(encoding="utf-8")
    locked = "\n".join(line for line in text.splitlines() if not line.startswith("#"))

    assert PINNED.sub("", locked).strip() == ""
    assert "://" not in text


@pytest.fixture
def audit(monkeypatch, capsys):
    """Return the exit status and the report of an audit whose tool prints this."""
    spec = importlib.util.spec_from_file_location("audit", FOLDER / "audit.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def audit(output, trouble=""):
        def run(command, **_):
            if output is None:
                raise subprocess.TimeoutExpired(command, module.SECONDS)
            return subprocess.CompletedProcess(command, 0, output, trouble)

        monkeypatch.setattr(module.subprocess, "run", run)
        return module.main(), capsys.readouterr().out

    return audit


SOUND = {"name": "a", "version": "1", "vulns": []}
SKIPPED = {"name": "b", "skip_reason": "no connection"}
VULNERABLE = {"name": "c", "version": "2", "vulns": [{"id": "PYSEC-1"}]}


@pytest.mark.parametrize(
    ("dependencies", "status", "said"),
    [
        ([SOUND], 0, "1 dependencies audited, 0 with known vulnerabilities"),
        ([SOUND, VULNERABLE], 1, "VULNERABLE: c 2: PYSEC-1"),
        ([VULNERABLE, SKIPPED], 1, "NOT AUDITED: 1 of 2: b"),
        ([SOUND, SKIPPED], 2, "NOT AUDITED: the first one's reason: no connection"),
        ([], 2, "NOT AUDITED: no dependency was looked up"),
    ],
)
def test_an_audit_ends_with_what_it_saw(dependencies, status, said, audit):
    ended, report = audit(json.dumps({"dependencies": dependencies}))

    assert ended == status
    assert said in report


@pytest.mark.parametrize(("output", "trouble"), [(None, ""), ("", "Name or service not known\n"), ("<html>", "")])
def test_an_audit_that_got_no_answer_says_that_it_looked_nothing_up(output, trouble, audit):
    ended, report = audit(output, trouble)

    assert ended == 2
    assert report.startswith("NOT AUDITED")
