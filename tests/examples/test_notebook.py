"""The notebook, executed cell by cell in a kernel of its own."""

from __future__ import annotations

import json

import pytest

from .conftest import EXAMPLES

NBCLIENT = "from nbclient.cli import main; main()"


@pytest.fixture
def executed(run, tmp_path):
    """Execute the notebook; give what its cells show."""
    pytest.importorskip("nbclient", reason="the packages of this example are not installed: .[test]")
    nbformat = pytest.importorskip("nbformat", reason="the packages of this example are not installed: .[test]")
    pytest.importorskip("ipykernel", reason="the packages of this example are not installed: .[test]")

    def executed():
        nbformat.validate(nbformat.read(EXAMPLES / "notebook.ipynb", as_version=4))
        output = tmp_path / "executed.ipynb"
        ran = run("-c", NBCLIENT, f"--output={output}", str(EXAMPLES / "notebook.ipynb"))
        assert ran.returncode == 0, ran.stderr
        cells = json.loads(output.read_text(encoding="utf-8"))["cells"]
        return ["".join(out["data"]["text/plain"]) for cell in cells for out in cell.get("outputs", [])]

    return executed


def test_it_lists_what_waits_and_sends_the_first_one_once(executed, emulator):
    client, companies, waiting, sent = executed()

    assert emulator.kolaybi_channel not in client
    assert "(5, " in companies
    assert "(1, " in waiting
    assert "sent, ETTN" in sent
    assert emulator.executions("create_e_document", 1) == 1


def test_a_lost_answer_is_shown_as_unknown(executed, emulator):
    emulator.fault("create_e_document", "drop-after")

    *_, sent = executed()

    assert "unknown: " in sent
    assert emulator.executions("create_e_document", 1) == 1


def test_the_file_holds_no_output_of_whoever_ran_it_last():
    cells = json.loads((EXAMPLES / "notebook.ipynb").read_text(encoding="utf-8"))["cells"]
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)
