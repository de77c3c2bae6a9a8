"""The faults of a night, and how often each comes."""

from __future__ import annotations

import random

from attrs import define

RATES = {
    "connect": {"refused": 0.05, "black-hole": 0.03},
    "carry": {"late": 0.05},
    "write": {
        "drop-before": 0.06,
        "drop-after": 0.08,
        "late": 0.08,
        "slow": 0.08,
        "page-before": 0.04,
        "page-after": 0.05,
        "conflict-after": 0.04,
        "gateway-400": 0.03,
        "refused": 0.04,
        "limited": 0.04,
        "wrong-echo": 0.03,
        "cut": 0.04,
    },
    "read": {"drop": 0.08, "page": 0.06},
    "commit": {"full": 0.004, "lost": 0.006, "repeated": 0.01},
}


@define
class Faults:
    """Draws faults, until they end."""

    chance: random.Random
    have_ended: bool = False
    rate: float = 1.0

    def draw(self, where):
        """Return a fault of a place, or None."""
        drawn = self.chance.random()
        if self.have_ended:
            return None
        for kind, rate in RATES[where].items():
            drawn -= rate * self.rate
            if drawn < 0:
                return kind
        return None
