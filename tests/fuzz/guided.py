"""A coverage-guided run of the reply decoders, with atheris.

    pip install atheris
    python tests/fuzz/guided.py -max_total_time=60

Any option of libFuzzer may follow. Every input goes to every target of `targets.py`. The committed corpus is only
read; what is found is kept in a folder of its own (the first one named, or a temporary one), and an input that breaks a
promise is written there too, under a name that begins with "crash-". Put such an input into `corpus/`, where an
ordinary test replays it from then on.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

HERE = Path(__file__).parent

with atheris.instrument_imports(include=["kolay_invoice"]):
    sys.path.insert(0, str(HERE))
    import targets


def every_target(data: bytes) -> None:
    """Give one input to every target."""
    for name in targets.TARGETS:
        targets.run(name, data)


def main(arguments: list[str]) -> None:
    """Run until libFuzzer ends the process."""
    options = [argument for argument in arguments[1:] if argument.startswith("-")]
    folders = [argument for argument in arguments[1:] if not argument.startswith("-")]
    with tempfile.TemporaryDirectory() as folder:
        found = folders or [folder]
        defaults = ["-max_len=4096", "-timeout=10", "-rss_limit_mb=2048", f"-artifact_prefix={found[0]}/"]
        atheris.Setup([arguments[0], *defaults, *options, *found, str(HERE / "corpus")], every_target)
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv)
