"""The blocking client of KolayBi: explicit twins, so that every editor and type checker sees real signatures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Self, TypeVar, Unpack

from kolay_invoice.config import ClientOptions, hide_credentials
from kolay_invoice.deadline import Permit
from kolay_invoice.kolaybi.blocking_follow import Follower
from kolay_invoice.kolaybi.blocking_orders import BlockingOrders
from kolay_invoice.kolaybi.blocking_reads import BlockingReads
from kolay_invoice.kolaybi.client import AsyncKolayBi
from kolay_invoice.kolaybi.endpoints import SANDBOX_URL
from kolay_invoice.kolaybi.follow import FINAL_STATUSES, FIRST_PAUSE, FOLLOW_SECONDS, LONGEST_PAUSE, MAX_CALLS
from kolay_invoice.kolaybi.models import (
    CancelEDocument,
    CancelledEDocument,
    Collection,
    CreateEDocument,
    DeletedInvoice,
    DeleteInvoice,
    Direction,
    EDocument,
    Invoice,
    ListInvoices,
    Proceed,
    Resend,
    ResentInvoice,
    UndoneCollection,
    UndoProceed,
)
from kolay_invoice.kolaybi.models.vocabulary import DirectionName
from kolay_invoice.kolaybi.pagination import ListPages
from kolay_invoice.kolaybi.request import KolayBiRequest
from kolay_invoice.redact import hide

ReplyT = TypeVar("ReplyT")


class KolayBi(BlockingOrders, BlockingReads):
    """KolayBi for code that does not await: the same calls as `AsyncKolayBi`, run on an event loop in a thread.

    Make one and share it between threads; it works in a running event loop (a notebook) and after a fork. Close it with
    `close` or `with`. The arguments are those of `AsyncKolayBi`.
    """

    if TYPE_CHECKING:

        def call(  # type: ignore[override]  # Only this provider's requests, which checkers know by their base.
            self, request: KolayBiRequest[ReplyT], *, permit: Permit | None = None
        ) -> ReplyT:
            """Make one call, given as a request value of KolayBi. See `BaseClient.call`."""
            ...

    def __init__(
        self,
        *,
        channel: str,
        access_token: str | None = None,
        api_key: str | None = None,
        base_url: str = SANDBOX_URL,
        max_concurrency: int = 8,
        timeout: float = 30.0,
        **options: Unpack[ClientOptions],
    ) -> None:
        # The first lines, which cannot fail: no frame of an error holds a credential in plain.
        channel, access_token, api_key = hide(channel), hide(access_token), hide(api_key)
        base_url, options = hide(base_url), hide_credentials(options)
        core = AsyncKolayBi(
            channel=channel,
            access_token=access_token,
            api_key=api_key,
            base_url=base_url,
            max_concurrency=max_concurrency,
            timeout=timeout,
            **options,
        )
        super().__init__(core)

    @classmethod
    def from_env(cls, *, max_concurrency: int = 8, timeout: float = 30.0, **options: Unpack[ClientOptions]) -> Self:
        """Make a client from KOLAYBI_CHANNEL, KOLAYBI_ACCESS_TOKEN or KOLAYBI_API_KEY, and KOLAYBI_BASE_URL.

        The blocking twin of `AsyncKolayBi.from_env`: same arguments and errors.
        """
        options = hide_credentials(options)
        return cls._around(AsyncKolayBi.from_env(max_concurrency=max_concurrency, timeout=timeout, **options))

    def resend(self, document_id: int) -> ResentInvoice:
        """Send a failed e-invoice again. Cannot be undone.

        The blocking twin of `AsyncKolayBi.resend`: same arguments, reply and errors.
        """
        return self.call(Resend(document_id))

    def create_e_document(self, document_id: int, *, prefix: str | None = None) -> EDocument:
        """Send an invoice to the tax authority (GİB) and make it official. Cannot be undone.

        The blocking twin of `AsyncKolayBi.create_e_document`: same arguments, reply and errors.
        """
        return self.call(CreateEDocument(document_id, prefix=prefix))

    def cancel_e_document(self, document_id: int) -> CancelledEDocument:
        """Cancel an e-Arşiv document at GİB, which also removes its sale invoice. Cannot be undone.

        The blocking twin of `AsyncKolayBi.cancel_e_document`: same arguments, reply and errors.
        """
        return self.call(CancelEDocument(document_id))

    def delete_invoice(self, document_id: int) -> DeletedInvoice:
        """Delete an invoice that is not official. Cannot be undone.

        The blocking twin of `AsyncKolayBi.delete_invoice`: same arguments, reply and errors.
        """
        return self.call(DeleteInvoice(document_id))

    def proceed(self, document_id: int, vault_id: int, *, amount: Decimal | int | str | None = None) -> Collection:
        """Collect an invoice, in full or in part, and book the movement. Moves money.

        The blocking twin of `AsyncKolayBi.proceed`: same arguments, reply and errors.
        """
        return self.call(Proceed(document_id, vault_id, amount))

    def undo_proceed(self, document_id: int) -> UndoneCollection:
        """Take back the collection of an invoice. Moves money.

        The blocking twin of `AsyncKolayBi.undo_proceed`: same arguments, reply and errors.
        """
        return self.call(UndoProceed(document_id))

    def list_invoices(
        self,
        company_id: int,
        direction: DirectionName,
        *,
        document_id: int | None = None,
        min_issue_date: date | str | None = None,
        max_issue_date: date | str | None = None,
        min_total_amount: Decimal | int | str | None = None,
        max_total_amount: Decimal | int | str | None = None,
        party_name: str | None = None,
    ) -> list[Invoice]:
        """List a company's e-invoices. Changes nothing, and is repeated by itself when an attempt fails.

        The blocking twin of `AsyncKolayBi.list_invoices`: same arguments, reply and errors.
        """
        request = ListInvoices(
            company_id,
            direction,
            document_id=document_id,
            min_issue_date=min_issue_date,
            max_issue_date=max_issue_date,
            min_total_amount=min_total_amount,
            max_total_amount=max_total_amount,
            party_name=party_name,
        )
        return self._all_rows(ListPages(request, "list_invoices"))

    def iter_invoices(
        self,
        company_id: int,
        direction: DirectionName,
        *,
        document_id: int | None = None,
        min_issue_date: date | str | None = None,
        max_issue_date: date | str | None = None,
        min_total_amount: Decimal | int | str | None = None,
        max_total_amount: Decimal | int | str | None = None,
        party_name: str | None = None,
    ) -> Iterator[Invoice]:
        """Iterate over the same rows as `list_invoices`, page by page. Changes nothing.

        The blocking twin of `AsyncKolayBi.iter_invoices`: same arguments, reply and errors.
        """
        request = ListInvoices(
            company_id,
            direction,
            document_id=document_id,
            min_issue_date=min_issue_date,
            max_issue_date=max_issue_date,
            min_total_amount=min_total_amount,
            max_total_amount=max_total_amount,
            party_name=party_name,
        )
        return self._each_row(ListPages(request, "list_invoices"))

    def follow(
        self,
        *,
        document_ids: Iterable[int] | None = None,
        since: date | str | None = None,
        until: date | str | None = None,
        company_id: int | None = None,
        direction: DirectionName = Direction.OUTBOUND,
        final_statuses: Iterable[str] = FINAL_STATUSES,
        first_pause: float = FIRST_PAUSE,
        longest_pause: float = LONGEST_PAUSE,
        max_calls: int = MAX_CALLS,
        give_up_after: float = FOLLOW_SECONDS,
    ) -> Follower:
        """Iterate over the changes of invoices' statuses, from few calls of the list. Changes nothing.

        The blocking twin of `AsyncKolayBi.follow`: same arguments, reply and errors.
        """
        return Follower(
            self._core.follow(
                document_ids=document_ids,
                since=since,
                until=until,
                company_id=company_id,
                direction=direction,
                final_statuses=final_statuses,
                first_pause=first_pause,
                longest_pause=longest_pause,
                max_calls=max_calls,
                give_up_after=give_up_after,
            )
        )
