"""Lines that repeat an operation of the journal, or of an earlier line, with other fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from attrs import frozen

from kolay_invoice.cli.batch.file import RequestLine, with_occasion
from kolay_invoice.cli.error_texts import translate
from kolay_invoice.cli.i18n import _
from kolay_invoice.endpoint import Request
from kolay_invoice.journal import Conflict, serialization
from kolay_invoice.journal.operations import describe_differences, plan_operation, select_resource
from kolay_invoice.messages import Message
from kolay_invoice.operations import BY_REQUEST


@frozen
class LineConflict:
    """A conflicting line of the file. Private values are masked."""

    line: int
    key: str
    fields: str
    """Both values of each field that differs."""
    first_line: int | None = None
    """The earlier line with the known fields, or None."""

    @property
    def text(self) -> str:
        """The conflict as text: the line, the operation and the fields that differ."""
        message = translate(Message("{key} is known with other parameters ({why})", key=self.key, why=self.fields))
        where = _("line {number}", number=f"{self.line:,}")
        if self.first_line is None:
            return f"{where}: {message}"
        return f"{where}: {message}" + _("; line {number} has the known ones", number=f"{self.first_line:,}")


def find_contradictions(
    lines: Iterable[RequestLine], provider: str, account: str, occasion: str
) -> Iterator[LineConflict]:
    """Iterate over the lines that repeat the operation of an earlier line with other fields."""
    first: dict[object, RequestLine] = {}
    for line in lines:
        known = first.setdefault(_name(line.request, line.occasion or occasion), line)
        if known.request == line.request:
            continue
        one = plan_operation(with_occasion(line, occasion), provider, account)
        differing = describe_differences(serialization.dumps(known.request), one)
        yield LineConflict(line.number, one.masked_key, differing, known.number)


def locate_conflicts(conflicts: Sequence[Conflict], lines: Iterable[RequestLine], occasion: str) -> list[LineConflict]:
    """Return the lines of the journal's conflicts, in the order of the file."""
    wanted = {(one.asked.request, one.asked.occasion): one for one in conflicts}
    names = {_name(request, where) for request, where in wanted}
    first: dict[object, int] = {}
    found = []
    for line in lines:
        where = line.occasion or occasion
        name = _name(line.request, where)
        if name not in names:
            continue
        conflict = wanted.get((line.request, where))
        if conflict is None:
            first.setdefault(name, line.number)
        else:
            found.append(LineConflict(line.number, conflict.asked.masked_key, conflict.fields, first.get(name)))
    return found


def _name(request: Request[Any], occasion: str) -> object:
    return type(request), select_resource(BY_REQUEST[type(request)], request), occasion
