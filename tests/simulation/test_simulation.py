"""Simulated nights: the real client and journal in one thread and in virtual time, against what must always hold."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from .mutants import MUTANTS
from .night import Night
from .search import search

SECONDS = float(os.environ.get("SIMULATION_SECONDS", "10"))
FIRST = 1
REGRESSIONS = (1, 3, 5, 77, 708502431300)
"""3: a worker is cancelled while it opens the journal, and the file stayed locked."""
_ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize("seed", REGRESSIONS)
def test_everything_holds_in_a_night_that_was_looked_at_before(seed):
    night = Night(seed).run()
    assert not night.problems, "\n".join(night.trace)
    assert sum(night.provider.executions.values())


def test_everything_holds_in_fresh_nights():
    found = search(random.SystemRandom().randrange(2**40), SECONDS)
    assert not found.broken, found.describe()
    assert found.executions


def test_a_seed_gives_the_same_night_whatever_the_order_of_hashes():
    def trace(hash_seed):
        command = [sys.executable, "-m", "tests.simulation", "--seed", "77"]
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        ended = subprocess.run(command, cwd=_ROOT, env=environment, capture_output=True, check=False)
        return ended.returncode, ended.stdout

    assert trace("1") == trace("2")
    assert trace("1")[0] == 0


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_the_search_finds_a_planted_defect(mutant, monkeypatch):
    mutant(monkeypatch)
    found = search(FIRST, 200.0)
    assert found.broken, f"{found.nights} nights have not shown it: {mutant.__doc__}"
