"""Every row of the fault matrix has a test that proves it, and the page that readers see is written from the tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from attrs import frozen

from .report import Cases, as_markdown
from .rows import ROWS, place_of

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "fault-matrix.md"
COMMAND = "python -m pytest tests -n 0 --collect-only --quiet"


@frozen
class Item:
    """A collected test."""

    nodeid: str
    marked: tuple = ()

    def iter_markers(self, name):
        """Yield what it is marked with."""
        assert name == "row"
        yield from (pytest.mark.row(*numbers).mark for numbers in self.marked)


def test_the_rows_are_those_of_the_table_in_their_order():
    numbers = [row.number for row in ROWS]
    assert numbers == sorted({*range(1, 69), "21b", "22b"}, key=place_of)


def test_a_row_without_a_test_is_reported():
    items = [Item("tests/a.py::test_a", ((row.number,),)) for row in ROWS if row.number not in (48, "21b")]
    assert Cases.of(items).missing() == ["21b", 48]
    assert Cases.of([*items, Item("tests/a.py::test_b", ((48,), ("21b",)))]).missing() == []


def test_a_mark_that_names_no_row_is_reported():
    assert Cases.of([Item("tests/a.py::test_a", ((69, 1),))]).unknown() == [69]


def test_the_files_of_a_row_are_named_once():
    items = [Item("tests/b.py::test_a[1]", ((50,),)), Item("tests/b.py::test_a[2]", ((50, 51),)), Item("tests/a.py::t")]
    cases = Cases.of([*items, Item("tests/a.py::test_c", ((50,),))])
    assert cases.files(50) == "`tests/a.py`<br>`tests/b.py`"
    assert (cases.files(51), cases.files(52)) == ("`tests/b.py`", "–")


@pytest.mark.timeout(300)
@pytest.mark.skipif(not PAGE.exists(), reason="the documentation is not beside these tests")
def test_every_row_has_a_test_and_the_page_is_up_to_date(tmp_path):
    target = tmp_path / "fault-matrix.md"
    environment = {**os.environ, "FAULT_MATRIX": str(target)}
    command = [sys.executable, *COMMAND.split()[1:], "-p", "no:cacheprovider"]
    collected = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert collected.returncode == 0, collected.stdout[-2000:] + collected.stderr[-2000:]
    page = target.read_text(encoding="utf-8")
    untested = [line for line in page.splitlines() if line.startswith("| ") and line.endswith("| – |")]
    assert not untested
    assert page == PAGE.read_text(encoding="utf-8"), f"write it anew: FAULT_MATRIX=docs/fault-matrix.md {COMMAND}"


def test_the_page_explains_how_it_is_generated():
    assert f"FAULT_MATRIX=docs/fault-matrix.md {COMMAND}" in as_markdown(Cases())
