"""The public class `Emulator`: both providers in one object."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from itertools import count
from typing import Unpack

from kolay_invoice.emulator import credentials
from kolay_invoice.emulator.app import Behaviour, EmulatorApp
from kolay_invoice.emulator.console import ConsoleRoutes
from kolay_invoice.emulator.faults import Fault, parse_kind
from kolay_invoice.emulator.guess_switches import GuessSwitches
from kolay_invoice.emulator.guesses import Guesses, GuessFields
from kolay_invoice.emulator.kolaybi_documents import Company, CompanyFields, Document, DocumentFields, Movement
from kolay_invoice.emulator.lag import Clock
from kolay_invoice.emulator.messages import ReceivedRequest
from kolay_invoice.emulator.propars_sales import Sale, SaleFields
from kolay_invoice.emulator.routes import OPERATIONS, Provider, parse_operation
from kolay_invoice.emulator.serving import EmulatorServer
from kolay_invoice.emulator.signing import KeyType, published_certificate


class Emulator(GuessSwitches, EmulatorServer):
    """KolayBi and Propars on one loopback port, over real HTTP, keeping state.

    It serves from its own thread, so it is both a context manager and an asynchronous one:

        async with Emulator() as emulator: ...
        with Emulator() as emulator: ...

    Args:
        host: The address to listen on.
        port: The port to listen on; 0 takes a free one.
        latency: Seconds that every call takes.
        automatic_dating: The Propars account's setting; when it is off, an invoice needs a date.
        page_size: Rows a page of KolayBi's list, or None for one unpaged reply.
        signing: The kind of key that signs invoices.
        seed: The seed of the random faults.
        clock: Returns the seconds by which lists lag; see also `let_pass`.
        guesses: Positions of the guesses about unpublished behaviour, by name, as in `duplicates="execute"`,
            `list_filter="number"` or `list_lag="forever"`.

    Attributes:
        kolaybi_access_token: A token that works until `expire_tokens`.
        propars_token: A token that works until `expire_tokens`.
    """

    kolaybi_access_token: str = credentials.KOLAYBI_ACCESS_TOKEN
    kolaybi_api_key: str = credentials.KOLAYBI_API_KEY
    kolaybi_channel: str = credentials.KOLAYBI_CHANNEL
    propars_token: str = credentials.PROPARS_TOKEN
    propars_username: str = credentials.PROPARS_USERNAME
    propars_password: str = credentials.PROPARS_PASSWORD

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        latency: float = 0.0,
        automatic_dating: bool = True,
        page_size: int | None = None,
        signing: KeyType = "rsa",
        seed: int = 0,
        clock: Callable[[], float] = time.monotonic,
        **guesses: Unpack[GuessFields],
    ) -> None:
        behaviour = Behaviour(
            guesses=Guesses(**guesses),
            latency=latency,
            automatic_dating=automatic_dating,
            page_size=page_size,
            signing=signing,
            seed=seed,
        )
        self._app = EmulatorApp(behaviour, Clock(clock))
        super().__init__(ConsoleRoutes(self._app).handle, host, port)
        self._document_ids = count(10_001)
        self._sale_ids = count(20_001)

    def __repr__(self) -> str:
        return f"<Emulator at {self._origin or 'no port'}>"

    @property
    def kolaybi_url(self) -> str:
        """The origin of the emulated KolayBi."""
        return self.origin

    @property
    def propars_url(self) -> str:
        """The origin of the emulated Propars: the same one, for their paths differ."""
        return self.origin

    @property
    def signing_certificate(self) -> bytes:
        """The certificate, in PEM, that proves what this process's emulators sign with this kind of key."""
        return published_certificate(self._app.behaviour.signing)

    # What was received and executed

    def executions(self, operation: str, id: int | str | None = None) -> int:  # noqa: A002 - the documented name.
        """Return how often an operation was executed; a refused call does not count.

        Args:
            operation: The operation's name.
            id: The document's id, or any identifier of the sale: its code, its id, or the id of one of its invoices.
                None counts all calls of the operation. A list counts under the document_id it was filtered by.

        Raises:
            ValueError: There is no such operation.
        """
        name = parse_operation(operation)
        with self._app.lock:
            propars = OPERATIONS[name] is Provider.PROPARS
            counted = self._app.propars.executions if propars else self._app.kolaybi.executions
            if id is None:
                return sum(times for (operation_counted, _), times in counted.items() if operation_counted == name)
            if not propars:
                return counted[name, int(id)]
            sale = self._app.propars.find(id)
            return counted[name, sale.sale_id] if sale else 0

    @property
    def requests(self) -> list[ReceivedRequest]:
        """The received requests, oldest first. A long-running emulator forgets the oldest ones."""
        with self._app.lock:
            return list(self._app.requests)

    # The state

    @property
    def documents(self) -> Mapping[int, Document]:
        """KolayBi's documents by id, as they are now."""
        with self._app.lock:
            return dict(self._app.kolaybi.documents)

    @property
    def companies(self) -> Mapping[int, Company]:
        """KolayBi's companies by id."""
        with self._app.lock:
            return dict(self._app.kolaybi.companies)

    @property
    def vaults(self) -> Mapping[int, str]:
        """The names of KolayBi's vaults by id."""
        with self._app.lock:
            return dict(self._app.kolaybi.vaults)

    @property
    def movements(self) -> tuple[Movement, ...]:
        """The payments that were booked, oldest first."""
        with self._app.lock:
            return tuple(self._app.kolaybi.movements)

    @property
    def sales(self) -> Mapping[int, Sale]:
        """Propars' sales by id, each with its invoice, as they are now."""
        with self._app.lock:
            return dict(self._app.propars.sales)

    def sale(self, identifier: int | str) -> Sale:
        """Return a sale by its code, its id, or the id of one of its invoices.

        Raises:
            KeyError: There is no such sale.
        """
        with self._app.lock:
            sale = self._app.propars.find(identifier)
        if sale is None:
            raise KeyError(identifier)
        return sale

    def add_document(self, document_id: int | None = None, **fields: Unpack[DocumentFields]) -> Document:
        """Add a document, or put it in place of the one with its id. Without fields it is ready to be sent.

        Raises:
            ValueError: Its company does not exist.
        """
        with self._app.lock:
            account = self._app.kolaybi
            free = (number for number in self._document_ids if number not in account.documents)
            document = Document(document_id=next(free) if document_id is None else document_id, **fields)
            if document.company_id not in account.companies:
                raise ValueError(f"company_id: there is no company {document.company_id}; add it first")
            account.put(document)
        return document

    def add_company(self, company_id: int, **fields: Unpack[CompanyFields]) -> Company:
        """Add a company, or put it in place of the one with its id."""
        company = Company(company_id=company_id, **fields)
        with self._app.lock:
            self._app.kolaybi.companies[company_id] = company
        return company

    def add_vault(self, vault_id: int, name: str = "Kasa") -> None:
        """Add a vault."""
        with self._app.lock:
            self._app.kolaybi.vaults[vault_id] = name

    def add_sale(self, sale_code: str | None = None, sale_id: int | None = None, **fields: Unpack[SaleFields]) -> Sale:
        """Add a sale without an invoice.

        Raises:
            ValueError: Another sale has this code or id, or no XML document can hold the code.
        """
        if sale_code is not None and not (sale_code and sale_code.isprintable()):
            raise ValueError(f"sale_code: {sale_code!r} is not a printable text")
        with self._app.lock:
            account = self._app.propars
            free = (number for number in self._sale_ids if number not in account.sales)
            own_id = next(free) if sale_id is None else sale_id
            sale = Sale(sale_id=own_id, sale_code=f"SIPARIS-{own_id}" if sale_code is None else sale_code, **fields)
            if account.find(sale.sale_code) or account.find(own_id):
                raise ValueError(f"sale_code, sale_id: {sale.sale_code!r} or {own_id} is another sale's already")
            account.put(sale)
        return sale

    def report_to_gib(self, identifier: int | str) -> Sale:
        """Send the e-Arşiv report of a sale's invoice to GİB, after which it cannot be cancelled.

        Raises:
            KeyError: There is no such sale.
            ValueError: The sale has no invoice.
        """
        sale = self.sale(identifier)
        with self._app.lock:
            return self._app.propars.report(sale)

    # Faults, time and tokens

    def fault(
        self,
        operation: str,
        kind: str | int,
        times: int = 1,
        *,
        seconds: float | None = None,
        retry_after: int | str | None = None,
        location: str | None = None,
        executes: bool | None = None,
    ) -> None:
        """Apply a fault to the next calls of an operation.

        Args:
            operation: The operation's name, or `*` for any.
            kind: The kind of fault, one of `kolay_invoice.emulator.FAULT_KINDS`, or a status.
            times: How many calls it is applied to.
            seconds: How long a slow answer, or a late execution, takes.
            retry_after: The Retry-After header of a status.
            location: Where a redirect points; the address of the request by default.
            executes: Whether the call is carried out; by default, as the kind says.

        Raises:
            ValueError: One of them is unknown, or they contradict each other.
        """
        fault = Fault.of(
            parse_kind(kind), seconds=seconds, retry_after=retry_after, location=location, executes=executes
        )
        with self._app.lock:
            self._app.plan.schedule(operation, fault, times)

    def fault_rate(self, kind: str | int, rate: float, *, seconds: float | None = None) -> None:
        """Apply a fault to a random share of all calls; a rate of 0 ends it.

        Raises:
            ValueError: The kind is unknown, or the rate is not between 0 and 1.
        """
        fault = Fault.of(parse_kind(kind), seconds=seconds)
        with self._app.lock:
            self._app.plan.strike_at_random(fault, rate)

    @property
    def pending_faults(self) -> tuple[tuple[str, str, int], ...]:
        """The faults by count that have not been applied yet: operation, kind and remaining calls, in order."""
        with self._app.lock:
            return self._app.plan.pending

    def clear_faults(self) -> None:
        """Remove every fault that has not been applied yet."""
        with self._app.lock:
            self._app.plan.clear()

    def let_pass(self, seconds: float) -> None:
        """Advance the emulator's clock, so that a lag passes without waiting.

        Args:
            seconds: By how much. It does not affect a list that lags forever; set `list_lag` to 0 for that.

        Raises:
            ValueError: They are negative.
        """
        with self._app.lock:
            self._app.clock.let_pass(seconds)

    def expire_tokens(self) -> None:
        """Invalidate every issued token, the first ones as well: calls with them are refused with 401."""
        with self._app.lock:
            self._app.kolaybi.tokens.expire()
            self._app.propars.tokens.expire()

    def reset(self) -> None:
        """Restore the example data and the first tokens; forget requests, counts and faults."""
        self._app.reset()
