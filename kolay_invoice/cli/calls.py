"""One call from the command line: confirm, send, print the reply, report an interruption."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any, Final, TypeVar, cast

from attrs import Factory, define, fields, has

from kolay_invoice import event_loop
from kolay_invoice.cli import output
from kolay_invoice.cli.accounts import CLIENTS, Account, account_of
from kolay_invoice.cli.error_texts import NAMES, call_name, look_up_hint
from kolay_invoice.cli.errors import CommandError, ExitCode, report_errors, require_consent
from kolay_invoice.cli.i18n import _
from kolay_invoice.cli.options import ReadOptions, WriteOptions
from kolay_invoice.client import BaseClient
from kolay_invoice.endpoint import Effect, Endpoint, Request
from kolay_invoice.kolaybi.client import AsyncKolayBi
from kolay_invoice.messages import N_
from kolay_invoice.propars.client import AsyncPropars
from kolay_invoice.redact import MASK

_ABOUT: Final = {
    "create_e_document": N_("About to send an invoice to the tax authority (GİB): {what}"),
    "resend": N_("About to send a failed invoice to the tax authority (GİB) again: {what}"),
    "proceed": N_("About to collect an invoice (all that remains, unless an amount is named): {what}"),
    "undo_proceed": N_("About to take back the collection of an invoice: {what}"),
    "cancel_e_document": N_(
        "About to cancel an e-Arşiv document at the tax authority (GİB), which also removes its invoice: {what}"
    ),
    "delete_invoice": N_("About to delete an invoice that is not official: {what}"),
    "create_associate": N_("About to create a buyer or supplier (cari): {what}"),
    "create_address": N_("About to create an address of a buyer or supplier (cari): {what}"),
    "create_product": N_("About to create a product or service: {what}"),
    "create_invoice": N_("About to create a sale invoice that is not yet official: {what}"),
    "invoice_html_for_sale": N_("About to show the invoice of a sale, which creates it when there is none: {what}"),
    "send_invoice": N_("About to send the invoice of a sale to the tax authority (GİB): {what}"),
    "cancel_invoice": N_("About to cancel the invoice that a sale has now: {what}"),
    "save_sale": N_("About to create a sale, or to update the one of its sale code: {what}"),
}

_EFFECTS: Final = {
    "creates": N_("What is created this way is not yet official."),
    "irreversible": N_("This cannot be undone."),
    "money": N_("This books a movement of money, and no movement of a vault names its document."),
    "cancels": N_("This cannot be undone."),
    "upsert": N_("It may be repeated until the invoice of the sale is sent; what the sale held before is replaced."),
}

_HOST_KINDS: Final = {
    "sandbox": N_("sandbox"),
    "production": N_("PRODUCTION"),
    "loopback": N_("this machine"),
    "other": N_("not a host of the provider"),
}


ReplyT = TypeVar("ReplyT")


def run_call(
    provider: str,
    make_request: Callable[[], Request[ReplyT]],
    options: ReadOptions,
    render: Callable[[ReplyT], None],
) -> int:
    """Make one call and return the exit code.

    Args:
        provider: Whose call it is.
        make_request: Makes the request. Its ValueError is reported like any other error.
        options: How the call is made.
        render: Prints the reply.
    """
    with report_errors(_("Nothing was sent."), as_json=options.json) as status:
        request = make_request()
        account = account_of(provider, options.profile)
        client = account.client(CLIENTS[provider], timeout=options.timeout)
        endpoint = client.endpoints[type(request)]
        if isinstance(options, WriteOptions):
            if options.dry_run:
                show_request(account, endpoint, request, as_json=options.json)
                return status.code
            if not options.yes:
                _ask(account, endpoint, request)
        _InterruptibleCall(account, client, endpoint).render(request, render)
    return status.code


def interruptible(work: Coroutine[Any, Any, ReplyT]) -> ReplyT:
    """Run a coroutine on a new event loop. SIGTERM acts like Ctrl-C.

    Raises:
        KeyboardInterrupt: Ctrl-C or SIGTERM arrived.
    """

    async def main() -> ReplyT:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine that runs is in a task.
        with suppress(NotImplementedError):  # Event loops on Windows have no signal handlers.
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await work

    try:
        return event_loop.run(main())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


@define
class _InterruptibleCall:
    """A call that can be interrupted. It records whether bytes may have left, and keeps a reply."""

    account: Account
    client: AsyncKolayBi | AsyncPropars
    endpoint: Endpoint[Any, Any]
    left: bool = False
    answers: list[Any] = Factory(list)
    started: float = Factory(time.monotonic)

    @property
    def name(self) -> str:
        return call_name(self.account.provider, self.endpoint.operation)

    def render(self, request: Request[ReplyT], print_reply: Callable[[ReplyT], None]) -> None:
        """Make the call and print its reply, even one that arrived during an interruption."""
        try:
            try:
                interruptible(self._call(request))
            except KeyboardInterrupt:
                if not self.answers:
                    raise
            with self._answering():
                print_reply(self.answers[0])
        except KeyboardInterrupt:
            if not (self.left and self.answers):
                raise self._interruption_error() from None
            with self._answering():
                raise

    def _answering(self) -> AbstractContextManager[None]:
        if self.endpoint.effect is Effect.READ:
            return nullcontext()
        return output.answering(output.as_dict(self.answers[0]), call=self.name)

    async def _call(self, request: Request[Any]) -> None:
        with output.spinner(self._waiting_text):
            async with self.client:
                # The command makes requests of either provider, which the types of the clients keep apart.
                client = cast("BaseClient", self.client)
                self.answers.append(await client.call(request, permit=self._record_departure))

    def _record_departure(self) -> None:
        self.left = self.endpoint.effect is not Effect.READ

    def _waiting_text(self) -> str:
        return _(
            "{call}: waiting for the answer for {seconds} s …",
            call=self.name,
            seconds=f"{time.monotonic() - self.started:.0f}",
        )

    def _interruption_error(self) -> CommandError:
        facts = {"may_have_happened": self.left, "provider": self.account.provider}
        if not self.left:
            return CommandError(
                ExitCode.INTERRUPTED, _("Interrupted, before anything was sent that has an effect."), **facts
            )
        happened = _(
            "Interrupted while {call} was on its way: the outcome is unknown, and it may have happened at the "
            "provider.",
            call=self.name,
        )
        message = f"{happened} {look_up_hint(self.endpoint)}"
        return CommandError(ExitCode.UNKNOWN, message, **facts, operation=self.endpoint.operation)


def _ask(account: Account, endpoint: Endpoint[Any, Any], request: Request[Any]) -> None:
    action = "\n".join(
        [
            _(_ABOUT[endpoint.operation], what=subject(request)),
            _(
                "  at {provider}, {origin} ({kind})",
                provider=NAMES[account.provider],
                origin=account.origin,
                kind=host_kind(account),
            ),
            _("  with the credentials of {source}", source=account.shown_source),
            _(_EFFECTS[endpoint.effect.value]),
        ]
    )
    require_consent(
        action,
        _("Go on? [y/N]"),
        without_terminal=_(
            "Nothing was sent: there is no terminal to ask on. Pass --yes to go on without being asked."
        ),
        otherwise=_("Nothing was sent."),
    )


def subject(request: Request[Any]) -> str:
    """Return the subject and all other fields of a request as text."""
    given = ((a.name, getattr(request, a.name)) for a in fields(type(request)))
    plain = ((name, len(value) if isinstance(value, tuple) else value) for name, value in given)
    return ", ".join(
        f"{name} {output.format_cell(value)}"
        for name, value in plain
        if value is not None and not has(type(value)) and not isinstance(value, Mapping)
    )


def host_kind(account: Account) -> str:
    """Return the kind of host as displayed text."""
    if account.kind == "production" and CLIENTS[account.provider].profile.sandbox_host is None:
        return _("PRODUCTION: Propars has no sandbox")
    return _(_HOST_KINDS[account.kind])


def show_request(account: Account, endpoint: Endpoint[Any, Any], request: Request[Any], *, as_json: bool) -> None:
    """Print the request with its secrets masked."""
    wire = endpoint.encode(request)
    url = f"{account.origin}{wire.target}"
    profile = CLIENTS[account.provider].profile
    headers = {"Authorization": f"{profile.auth_scheme} {MASK}", **dict.fromkeys(profile.secret_headers, MASK)}
    if wire.content_type is not None:
        headers["Content-Type"] = wire.content_type
    form = None if wire.body is None else wire.body.decode()
    if as_json:
        effect = endpoint.effect.value
        request_shown = {"method": wire.method, "url": url, "headers": headers, "form": form, "effect": effect}
        output.print_json({"dry_run": True, **request_shown, "exit_code": int(ExitCode.DONE)})
        return
    console = output.stdout()
    console.print(f"{wire.method} {url}")
    for name, value in headers.items():
        console.print(f"{name}: {value}")
    if form is not None:
        console.print(f"\n{form}")
    output.stderr().print(
        _(
            "Nothing was sent. It would go to: {kind}; with the credentials of {source}.",
            kind=host_kind(account),
            source=account.shown_source,
        )
    )


def show_reply(sentence: str, options: ReadOptions) -> Callable[[object], None]:
    """Return a function that prints a reply: a sentence and its fields, or one JSON document."""

    def show(reply: object) -> None:
        values = output.as_dict(reply)
        if options.json:
            output.print_json({**values, "exit_code": int(ExitCode.DONE)})
            return
        extra = cast("dict[str, object]", values.pop("extra", {}))
        shown = {name: value for name, value in extra.items() if isinstance(value, str | int)}
        console = output.stdout()
        console.print(sentence)
        console.print(output.fields_table({**values, **shown}))

    return show
