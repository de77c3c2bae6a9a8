"""The cron script: silent when all is well, and otherwise a mail and an exit code; nothing is sent twice."""

from __future__ import annotations

import pytest

from .conftest import EXAMPLES


@pytest.fixture
def night(run, tmp_path):
    """Run the script over some invoices, as cron does."""

    def night(*numbers):
        (tmp_path / "to_send.txt").write_text("\n".join(map(str, numbers)), encoding="utf-8")
        return run(str(EXAMPLES / "cron_send.py"), "to_send.txt", f"sqlite:///{tmp_path}/sends.db")

    return night


def test_a_good_night_says_nothing_and_the_next_one_sends_nothing(night, emulator):
    numbers = [emulator.add_document().document_id for _ in range(20)]
    for _ in range(2):
        ran = night(*numbers)
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert [emulator.executions("create_e_document", number) for number in numbers] == [1] * 20


def test_what_is_refused_is_in_the_mail_and_settled(night, emulator):
    ran = night(1, 999_999)
    assert ran.returncode == 0
    (line,) = ran.stdout.splitlines()
    assert "999999" in line
    assert "refused" in line


def test_a_lost_answer_is_in_the_mail_and_waits_for_the_next_run(night, emulator):
    emulator.fault("create_e_document", "drop-after")
    for _ in range(2):
        ran = night(1)
        assert ran.returncode == 4
        (line,) = ran.stdout.splitlines()
        assert "unknown, the next run goes on with it" in line
    assert emulator.executions("create_e_document", 1) == 1
