"""A network that loses packets at random: what could not be sent in one run is sent by the next, and nothing twice."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest

from .support import Process

DOCUMENTS = 40
LONGEST = 150.0

CAN_LOSE = (
    os.geteuid() == 0
    and shutil.which("nft") is not None
    and shutil.which("unshare") is not None
    and subprocess.run(["unshare", "--net", "nft", "list", "ruleset"], capture_output=True, check=False).returncode == 0
)


@pytest.mark.skipif(not CAN_LOSE, reason="a network that loses packets needs root, unshare and nft")
@pytest.mark.timeout(LONGEST + 30.0)
@pytest.mark.parametrize("percent", [10, 30])
def test_everything_is_executed_once_on_a_network_that_loses_packets(percent, url):
    settings = {"percent": percent, "journal": url, "documents": DOCUMENTS}
    process = Process.of("lossy_process.py", settings, before=["unshare", "--net"])
    try:
        out, errors = process.popen.communicate(timeout=LONGEST)
    finally:
        process.kill()
    assert process.popen.returncode == 0, errors
    found = json.loads(out.strip().splitlines()[-1])
    assert found["executed"] == [[1, DOCUMENTS]], found
    assert found["counts"]["done"] == DOCUMENTS
