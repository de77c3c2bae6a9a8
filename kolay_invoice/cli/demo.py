"""The demonstration: all eight calls twice, a burst under the limiter, and one fault of each kind.

Every line is a check that compares what the client said with what the emulator counted.
"""

from __future__ import annotations

import asyncio
import textwrap
from collections import Counter
from collections.abc import Iterator
from typing import Final

from attrs import asdict, frozen
from rich.table import Table

from kolay_invoice import (
    AsyncKolayBi,
    AsyncPropars,
    AuthenticationError,
    ConfigurationError,
    InvoiceHtml,
    KolayBi,
    KolayInvoiceError,
    NotSentError,
    OutcomeUnknownError,
    Propars,
    RateLimitedError,
    RefusedError,
    SignedXml,
)
from kolay_invoice.cli import output
from kolay_invoice.cli.error_texts import translate
from kolay_invoice.cli.i18n import _
from kolay_invoice.emulator import Emulator
from kolay_invoice.messages import N_, Message

BURST: Final = 200
BURST_CONCURRENCY: Final = 16


@frozen
class Check:
    """One check: the expected result, the actual result, and the number of executions."""

    part: str
    call: str
    expected: str
    seen: str
    executions: int
    ok: bool


def run() -> list[Check]:
    """Run all checks against a new emulator and return them."""
    checks: list[Check] = []
    with Emulator() as emulator:
        checks += asyncio.run(_async_calls(emulator))
    with Emulator() as emulator:
        checks += _blocking_calls(emulator)
        checks += asyncio.run(_burst(emulator))
        return checks + asyncio.run(_troubles(emulator))


def show(checks: list[Check], *, as_json: bool) -> None:
    """Print the checks, their counts and a legend."""
    good = sum(check.ok for check in checks)
    if as_json:
        document = {"checks": [asdict(check) for check in checks], "ok": good, "failed": len(checks) - good}
        output.print_json(document)
        return
    console = output.stdout()
    for part in dict.fromkeys(check.part for check in checks):
        table = Table(title=translate(part), title_justify="left", show_edge=False, pad_edge=False)
        for heading in ("", _("call"), _("gave"), _("executed")):
            table.add_column(heading, overflow="fold")
        for check in (check for check in checks if check.part == part):
            seen, expected = translate(check.seen), translate(check.expected)
            gave = seen if check.ok else _("{seen} (should be: {expected})", seen=seen, expected=expected)
            table.add_row("✓" if check.ok else "✗", translate(check.call), gave, str(check.executions))
        console.print(table, "")
    console.print(
        _(
            "{count} checks: {good} as they should be, {wrong} not",
            count=len(checks),
            good=good,
            wrong=len(checks) - good,
        )
    )
    console.print(
        _(
            "✓ as it should be, ✗ not; gave: what the client said of the call; executed: how often "
            "the emulator carried it out."
        )
    )


async def _async_calls(emulator: Emulator) -> list[Check]:
    async with (
        AsyncKolayBi(
            channel=emulator.kolaybi_channel, api_key=emulator.kolaybi_api_key, base_url=emulator.kolaybi_url
        ) as kolaybi,
        AsyncPropars(
            username=emulator.propars_username, password=emulator.propars_password, base_url=emulator.propars_url
        ) as propars,
    ):
        replies: list[tuple[str, int | str, object]] = [
            ("resend", 18, await kolaybi.resend(18)),
            ("create_e_document", 1, await kolaybi.create_e_document(1)),
            ("proceed", 1, await kolaybi.proceed(1, vault_id=1)),
            ("list_invoices", 18, await kolaybi.list_invoices(5, "outbound", document_id=18)),
            ("invoice_html_for_sale", "abc123", await propars.invoice_html_for_sale(sale_code="abc123")),
            ("send_invoice", "abc123", await propars.send_invoice(sale_code="abc123")),
            ("get_signed_xml", "abc123", await propars.get_signed_xml(sale_code="abc123")),
            ("cancel_invoice", "abc123", await propars.cancel_invoice(sale_code="abc123")),
        ]
    return list(_answered(N_("The eight calls, async"), emulator, replies))


def _blocking_calls(emulator: Emulator) -> list[Check]:
    with (
        KolayBi(
            channel=emulator.kolaybi_channel, access_token=emulator.kolaybi_access_token, base_url=emulator.kolaybi_url
        ) as kolaybi,
        Propars(token=emulator.propars_token, base_url=emulator.propars_url) as propars,
    ):
        replies: list[tuple[str, int | str, object]] = [
            ("resend", 18, kolaybi.resend(18)),
            ("create_e_document", 1, kolaybi.create_e_document(1)),
            ("proceed", 1, kolaybi.proceed(1, vault_id=1)),
            ("list_invoices", 18, kolaybi.list_invoices(5, "outbound", document_id=18)),
            ("invoice_html_for_sale", "abc123", propars.invoice_html_for_sale(sale_code="abc123")),
            ("send_invoice", "abc123", propars.send_invoice(sale_code="abc123")),
            ("get_signed_xml", "abc123", propars.get_signed_xml(sale_code="abc123")),
            ("cancel_invoice", "abc123", propars.cancel_invoice(sale_code="abc123")),
        ]
    return list(_answered(N_("The eight calls, blocking"), emulator, replies))


def _answered(part: str, emulator: Emulator, replies: list[tuple[str, int | str, object]]) -> Iterator[Check]:
    for operation, name, reply in replies:
        executions = emulator.executions(operation, name)
        yield Check(part, f"{operation} {name}", N_("a typed reply"), _summary(reply), executions, ok=executions == 1)


def _summary(reply: object) -> str:
    match reply:
        case list():
            return f"{len(reply)} × {_summary(reply[0])}" if reply else N_("no rows")
        case InvoiceHtml():
            return Message("InvoiceHtml, {number} characters", number=len(reply.html))
        case SignedXml():
            return Message("SignedXml, {number} bytes", number=len(reply.content))
        case _:
            # The repr contains no secret. Its first fields are enough for a table.
            return textwrap.shorten(repr(reply), 60, placeholder=" …")


async def _burst(emulator: Emulator) -> list[Check]:
    """Start 200 sends at once. The limiter admits a few at a time, and each is executed once."""
    numbers = [emulator.add_document().document_id for _ in range(BURST)]
    async with _client(emulator) as kolaybi:
        replies = await asyncio.gather(*(kolaybi.create_e_document(number) for number in numbers))
    executed = [emulator.executions("create_e_document", number) for number in numbers]
    peak = emulator.connections_peak
    return [
        Check(
            part=Message("A burst of {number} sends", number=BURST),
            call=f"create_e_document × {BURST}",
            expected=Message(
                "{number} answers in order, at most {connections} connections",
                number=BURST,
                connections=BURST_CONCURRENCY,
            ),
            seen=Message(
                "{number} answers, {connections} connections, executions {executions}",
                number=len(replies),
                connections=peak,
                executions=dict(Counter(executed)),
            ),
            executions=sum(executed),
            ok=[reply.document_id for reply in replies] == numbers
            and executed == [1] * BURST
            and peak <= BURST_CONCURRENCY,
        )
    ]


@frozen
class Trouble:
    """A fault or a mistake, the expected error, and the expected number of executions."""

    name: str
    error: type[KolayInvoiceError]
    executions: int
    fault: str | None = None
    channel: str | None = None
    access_token: str | None = None
    base_url: str | None = None


def _fault(kind: str, executions: int, error: type[KolayInvoiceError] = OutcomeUnknownError) -> Trouble:
    return Trouble(Message("the provider: {kind}", kind=kind), error, executions, fault=kind)


TROUBLES: Final = (
    _fault("slow", 1),
    _fault("drop-before", 0),
    _fault("drop-after", 1),
    _fault("rst", 1),
    _fault("garbage", 1),
    _fault("cut-body", 1),
    _fault("wrong-echo", 1),
    _fault("login-page", 0),
    _fault("empty", 1),
    _fault("redirect", 0),
    _fault("429", 0, RateLimitedError),
    _fault("500", 1),
    _fault("502", 1),
    _fault("503", 1),
    _fault("504", 1),
    _fault("524", 1),
    Trouble(N_("a token that has ended"), AuthenticationError, 0, access_token="ended"),  # noqa: S106 - of no account.
    Trouble(N_("an unknown Channel"), ConfigurationError, 0, channel="unknown"),
    # Nothing listens on the discard port of loopback.
    Trouble(N_("a closed port"), NotSentError, 0, base_url="http://127.0.0.1:9"),
)


async def _troubles(emulator: Emulator) -> list[Check]:
    checks = []
    for trouble in TROUBLES:
        number = emulator.add_document().document_id
        if trouble.fault is not None:
            emulator.fault("create_e_document", trouble.fault, seconds=3 if trouble.fault == "slow" else None)
        checks.append(await _failed(emulator, trouble, number))
    checks.append(await _failed(emulator, Trouble(N_("the same document again"), RefusedError, 1), 1))
    return checks


async def _failed(emulator: Emulator, trouble: Trouble, number: int) -> Check:
    async with _client(emulator, trouble) as kolaybi:
        try:
            seen = _summary(await kolaybi.create_e_document(number))
            as_it_should = False
        except KolayInvoiceError as error:
            kind = type(error).__name__
            seen = Message("{kind}, may have happened", kind=kind) if error.may_have_happened else kind
            as_it_should = type(error) is trouble.error
    executions = emulator.executions("create_e_document", number)
    return Check(
        part=N_("create_e_document in every kind of trouble"),
        call=trouble.name,
        expected=trouble.error.__name__,
        seen=seen,
        executions=executions,
        ok=as_it_should and executions == trouble.executions,
    )


def _client(emulator: Emulator, trouble: Trouble | None = None) -> AsyncKolayBi:
    return AsyncKolayBi(
        channel=(trouble and trouble.channel) or emulator.kolaybi_channel,
        access_token=(trouble and trouble.access_token) or emulator.kolaybi_access_token,
        base_url=(trouble and trouble.base_url) or emulator.kolaybi_url,
        max_concurrency=BURST_CONCURRENCY,
        timeout=1.0 if trouble else 30.0,
    )
