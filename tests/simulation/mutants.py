"""Planted defects: what the search has to find. Each takes one part of the journal away."""

from __future__ import annotations

from attrs import evolve

from kolay_invoice.journal import lease_table, recording, sender, writer
from kolay_invoice.journal.models import State


def unknown_counts_as_unsent(patch):
    """A call whose outcome is unknown is sent again."""
    real = sender.after_error

    def hopeful(row, *args, **options):
        after = real(row, *args, **options)
        return evolve(after, state=State.PLANNED, tried_in=None) if after.state is State.UNKNOWN else after

    patch.setattr(sender, "after_error", hopeful)


def unknown_counts_as_refused(patch):
    """A call whose outcome is unknown is recorded as refused."""
    real = sender.after_error

    def hasty(row, *args, **options):
        after = real(row, *args, **options)
        return evolve(after, state=State.REFUSED) if after.state is State.UNKNOWN else after

    patch.setattr(sender, "after_error", hasty)


def crashed_counts_as_unsent(patch):
    """What a killed worker had marked counts as not sent."""

    def forgetful(row, wall_time):
        return evolve(row, state=State.PLANNED, tried_in=None)

    patch.setattr(lease_table, "after_crash", forgetful)


def unmarked(patch):
    """Nothing is marked before the first byte."""

    async def mark(self, row):
        return None

    patch.setattr(writer.Writer, "mark", mark)


def claims_are_ignored(patch):
    """A claim by one worker does not keep another from sending the same operation."""

    async def mark(connection, owner, rows):
        return {row.row_id for row in rows}

    patch.setattr(recording, "mark", mark)


MUTANTS = (
    unknown_counts_as_unsent,
    unknown_counts_as_refused,
    crashed_counts_as_unsent,
    unmarked,
    claims_are_ignored,
)
