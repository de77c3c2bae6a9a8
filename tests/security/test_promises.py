"""Each promise of SECURITY.md names tests, and the tests are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECURITY = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
PROMISES = re.findall(r"^- (.+)$", SECURITY.split("## What is protected")[1].split("\n## ")[0], re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+(?:\.py)?)(?:::(\w+))?`")


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.partition(" Tests: ")[0])
def test_each_promise_is_one_sentence_and_names_tests_that_there_are(promise):
    sentence, _, tests = promise.partition(" Tests: ")
    assert re.fullmatch(r"[^.]*(?:\.\w[^.]*)*\.", sentence)
    assert re.fullmatch(rf"{TEST.pattern}(?:, {TEST.pattern})*\.", tests)


def test_each_test_that_is_named_is_there():
    named = TEST.findall(SECURITY)
    assert len(named) > len(PROMISES) > 30
    for path, name in named:
        assert (ROOT / path).exists(), path
        assert not name or re.search(
            rf"^(?:async )?def {name}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE
        ), name
