"""The committed corpus: what the coverage-guided run begins with, and what it once found, given to every target."""

from __future__ import annotations

from pathlib import Path

import pytest

from .targets import TARGETS, run

CORPUS = sorted((Path(__file__).parent / "corpus").iterdir())


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_an_input_of_the_corpus_breaks_no_promise(path):
    for name in TARGETS:
        run(name, path.read_bytes())


def test_the_corpus_stays_small():
    assert len(CORPUS) <= 100
    assert max(path.stat().st_size for path in CORPUS) <= 4096
