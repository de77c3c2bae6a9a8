"""What the console shows: a look at the switchboard under its lock, written into a page outside of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final, TypeVar

import attrs

from kolay_invoice.emulator.console.masking import shown_reply, shown_request, shown_target
from kolay_invoice.emulator.console.texts import TEXTS
from kolay_invoice.emulator.faults import KINDS
from kolay_invoice.emulator.guesses import SWITCHES
from kolay_invoice.emulator.guessing import LANGUAGES
from kolay_invoice.emulator.kolaybi import Document
from kolay_invoice.emulator.propars import Sale
from kolay_invoice.emulator.rendering import invoice_html, templates
from kolay_invoice.emulator.routes import ANY_OPERATION, OPERATIONS
from kolay_invoice.emulator.switchboard import Switchboard
from kolay_invoice.emulator.wire import Exchange, Refused

# A page that is written anew every second shows no more rows than this of each table; the newest ids win.
_MOST_ROWS: Final = 100

_Row = TypeVar("_Row", Document, Sale)


@attrs.frozen(kw_only=True)
class _Call:
    """One exchange, as it may be shown."""

    number: int
    at: str
    name: str
    target: str
    fault: str | None
    ended: bool
    status: int | None
    request: str
    reply: str

    @classmethod
    def of(cls, exchange: Exchange) -> _Call:
        request, reply = exchange.request, exchange.reply
        return cls(
            number=exchange.number,
            at=f"{exchange.at:%H:%M:%S}",
            name=request.operation or "?",
            target=f"{request.method} {shown_target(request)}",
            fault=exchange.fault,
            ended=exchange.ended,
            status=reply.status if reply else None,
            request=shown_request(request),
            reply=shown_reply(reply) if reply else "",
        )


@attrs.frozen(kw_only=True)
class _Guess:
    """The switch of one guess, in the language of the page."""

    name: str
    question: str
    position: str
    positions: Mapping[str, str]
    whose: str

    @classmethod
    def of(cls, name: str, position: str, language: str) -> _Guess:
        about = SWITCHES[name]
        chosen = LANGUAGES.index(language)
        return cls(
            name=name,
            question=_plain(about.question[chosen]),
            position=position,
            positions={one: _plain(means[chosen]) for one, means in about.positions.items()},
            whose=f"{about.word.value[chosen]}: {_plain(about.source[chosen])}",
        )


def _plain(text: str) -> str:
    """Leave out the marks of code, which the page does not set."""
    return text.replace("`", "")


def console(board: Switchboard, language: str, *, problem: str | None = None) -> str:
    """Write the console's page.

    Args:
        board: What is shown.
        language: The language of the texts.
        problem: Why the switch that was just turned did not turn.
    """
    with board.lock:
        documents = dict(board.kolaybi.documents)
        sales = dict(board.propars.sales)
        executions = Counter({**board.kolaybi.executions, **board.propars.executions})
        exchanges = [attrs.evolve(exchange) for exchange in board.exchanges]
        pending, rates = board.plan.pending, board.plan.rates
        guesses = board.switches.guesses
    by_operation: Counter[str] = Counter()
    for (operation, _), times in executions.items():
        by_operation[operation] += times
    return _written(
        "console.html.jinja",
        language,
        problem=problem,
        documents=_newest(documents),
        documents_hidden=max(0, len(documents) - _MOST_ROWS),
        sales=_newest(sales),
        sales_hidden=max(0, len(sales) - _MOST_ROWS),
        executions=executions,
        by_operation=by_operation,
        calls=[_Call.of(exchange) for exchange in reversed(exchanges)],
        pending=pending,
        rates=rates,
        guesses=[_Guess.of(name, position, language) for name, position in guesses.positions.items()],
        operations=(ANY_OPERATION, *OPERATIONS),
        kinds=tuple(KINDS),
    )


def preview(board: Switchboard, invoice_id: int, language: str) -> str | None:
    """Write the page that shows an invoice in a sandboxed frame, or return None where there is none."""
    from kolay_invoice.propars.preview import neutralise

    try:
        with board.lock:
            sale = board.propars.sale_with_invoice(invoice_id)
    except Refused:
        return None
    (invoice,) = (one for one in sale.invoices if one.id == invoice_id)
    return _written(
        "console_preview.html.jinja", language, invoice=invoice, html=neutralise(invoice_html(sale, invoice))
    )


def _newest(rows: Mapping[int, _Row]) -> list[_Row]:
    return [rows[number] for number in sorted(rows)[-_MOST_ROWS:]]


def _written(template: str, language: str, **values: object) -> str:
    return templates().get_template(template).render(t=TEXTS[language], lang=language, **values)
