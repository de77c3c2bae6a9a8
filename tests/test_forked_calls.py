"""A fork in the middle of a call: the child sends nothing of it, and takes nothing from its parent."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kolay_invoice.emulator import Emulator

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")


def test_a_call_that_its_parent_has_begun_does_not_leave_from_a_child_and_goes_on_in_the_parent():
    with Emulator(duplicates="execute") as emulator:
        emulator.add_document(1)
        account = (emulator.kolaybi_url, emulator.kolaybi_channel, emulator.kolaybi_access_token)
        command = [sys.executable, "-W", "ignore", str(Path(__file__).with_name("forking.py")), *account]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
        assert emulator.executions("create_e_document", 1) == 1
    child, parent = ended.stdout.splitlines()
    assert re.match(r"child: True .* the call belongs to process \d+, which forked in its middle and goes on", child)
    assert parent == "parent: EDocument"
