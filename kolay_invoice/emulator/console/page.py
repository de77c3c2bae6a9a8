"""The pages of the console: the state is copied under the lock and rendered outside of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final, TypeVar

import attrs

from kolay_invoice.catalogue import catalogue
from kolay_invoice.emulator.app import EmulatorApp
from kolay_invoice.emulator.console.masking import mask_reply, mask_request, mask_target
from kolay_invoice.emulator.faults import KINDS
from kolay_invoice.emulator.guesses import SWITCHES
from kolay_invoice.emulator.kolaybi_documents import Document
from kolay_invoice.emulator.messages import Exchange, ProviderRefusal
from kolay_invoice.emulator.propars_sales import Sale
from kolay_invoice.emulator.rendering import invoice_html, templates
from kolay_invoice.emulator.routes import ANY_OPERATION, OPERATIONS

# The page is rendered every second, so each table is limited to its newest rows.
_MOST_ROWS: Final = 100

_Row = TypeVar("_Row", Document, Sale)


@attrs.frozen(kw_only=True)
class _CallRow:
    """One exchange with its private fields masked."""

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
    def of(cls, exchange: Exchange) -> _CallRow:
        request, reply = exchange.request, exchange.reply
        return cls(
            number=exchange.number,
            at=f"{exchange.at:%H:%M:%S}",
            name=request.operation or "?",
            target=f"{request.method} {mask_target(request)}",
            fault=exchange.fault,
            ended=exchange.ended,
            status=reply.status if reply else None,
            request=mask_request(request),
            reply=mask_reply(reply) if reply else "",
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

        def say(text: str) -> str:
            """Return a text in the language, without the marks of code, which the page does not set."""
            return catalogue(language).gettext(text).replace("`", "")

        return cls(
            name=name,
            question=say(about.question),
            position=position,
            positions={one: say(means) for one, means in about.positions.items()},
            whose=f"{say(about.word.value)}: {say(about.source)}",
        )


def console_page(app: EmulatorApp, language: str, *, problem: str | None = None) -> str:
    """Render the console's page.

    Args:
        app: The emulator whose state is shown.
        language: The language of the texts.
        problem: Why the last change of a setting was refused.
    """
    with app.lock:
        documents = dict(app.kolaybi.documents)
        sales = dict(app.propars.sales)
        executions = Counter({**app.kolaybi.executions, **app.propars.executions})
        exchanges = [attrs.evolve(exchange) for exchange in app.exchanges]
        pending, rates = app.plan.pending, app.plan.rates
        guesses = app.behaviour.guesses
    by_operation: Counter[str] = Counter()
    for (operation, _), times in executions.items():
        by_operation[operation] += times
    return _render(
        "console.html.jinja",
        language,
        problem=problem,
        documents=_newest_rows(documents),
        documents_hidden=max(0, len(documents) - _MOST_ROWS),
        sales=_newest_rows(sales),
        sales_hidden=max(0, len(sales) - _MOST_ROWS),
        executions=executions,
        by_operation=by_operation,
        calls=[_CallRow.of(exchange) for exchange in reversed(exchanges)],
        pending=pending,
        rates=rates,
        guesses=[_Guess.of(name, position, language) for name, position in guesses.positions.items()],
        operations=(ANY_OPERATION, *OPERATIONS),
        kinds=tuple(KINDS),
    )


def preview_page(app: EmulatorApp, invoice_id: int, language: str) -> str | None:
    """Render an invoice in a sandboxed frame; None if there is no such invoice."""
    from kolay_invoice.propars.preview import neutralise

    try:
        with app.lock:
            sale = app.propars.sale_with_invoice(invoice_id)
    except ProviderRefusal:
        return None
    (invoice,) = (one for one in sale.invoices if one.id == invoice_id)
    return _render(
        "console_preview.html.jinja", language, invoice=invoice, html=neutralise(invoice_html(sale, invoice))
    )


def _newest_rows(rows: Mapping[int, _Row]) -> list[_Row]:
    return [rows[number] for number in sorted(rows)[-_MOST_ROWS:]]


def _render(template: str, language: str, **values: object) -> str:
    return templates().get_template(template).render(_=catalogue(language).gettext, lang=language, **values)
