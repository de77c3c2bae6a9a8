"""Replay one night (`--seed 7`), or search fresh ones (`--minutes 5`)."""

from __future__ import annotations

import argparse
import random
import sys

from .night import Night
from .search import search


def main():
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, help="replay this night with its trace")
    parser.add_argument("--minutes", type=float, default=1.0, help="search fresh nights for so long")
    asked = parser.parse_args()
    if asked.seed is not None:
        night = Night(asked.seed).run()
        sys.stdout.write("\n".join([*night.trace, ""]))
        return bool(night.problems)
    first = random.SystemRandom().randrange(2**40)
    found = search(first, asked.minutes * 60, keep_going=True)
    sys.stdout.write(f"{found.describe()}\n")
    return bool(found.broken)


if __name__ == "__main__":
    sys.exit(main())
