"""The asyncio client of Propars."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from typing import Final, Self, Unpack, overload
from uuid import UUID

from kolay_invoice import config, validators
from kolay_invoice.auth import Token
from kolay_invoice.client import USER_AGENT, BaseClient
from kolay_invoice.config import ClientOptions, Options
from kolay_invoice.errors import ConfigurationError
from kolay_invoice.messages import Message
from kolay_invoice.profile import AccountAccess, ProviderProfile
from kolay_invoice.propars.endpoints import ENDPOINTS, PRODUCTION_URL
from kolay_invoice.propars.models import (
    AuthToken,
    CancelInvoice,
    CancelledInvoice,
    FetchAuthToken,
    GetSale,
    GetSaleInvoice,
    GetSignedXml,
    InvoiceHtml,
    InvoiceHtmlForSale,
    ListSales,
    Sale,
    SaleInvoice,
    SendInvoice,
    SentInvoice,
    SignedXml,
)
from kolay_invoice.propars.pagination import SalePages
from kolay_invoice.propars.replies import interpret

# A token is not used in the last minutes before its expire_date, for clocks that differ.
_TOKEN_MARGIN: Final = timedelta(minutes=5)


def _to_token(reply: AuthToken) -> Token:
    return Token(reply.token, None if reply.ends_at is None else (reply.ends_at - _TOKEN_MARGIN).timestamp())


PROFILE: Final = ProviderProfile(
    name="propars",
    auth_scheme="Token",
    endpoints={endpoint.request: endpoint for endpoint in ENDPOINTS},
    interpret=interpret,
    to_token=_to_token,
)


class AsyncPropars(BaseClient):
    """Propars for asyncio: list sales, preview, send and cancel their invoices, and fetch their signed XML.

    One client serves one account on one event loop; make one, share it between tasks, close it with `aclose` or
    `async with`. Making it does no I/O. Propars publishes no sandbox: every call reaches the real account.

    Args:
        token: A ready token. Without user name and password it cannot be renewed when it ends.
        username: The account's user name, an e-mail address. A token is fetched when the first call needs one, kept
            until shortly before it ends and renewed once when a call is answered with 401.
        password: The account's password.
        base_url: Where Propars answers.
        max_concurrency: How many calls may run at once; the others wait in order.
        timeout: Seconds for one call with all its attempts and the whole reply. Waiting for a slot is not counted.
        **options: See `ClientOptions`.

    Raises:
        ConfigurationError: A credential is missing or has an impossible shape. (It is a `ValueError`.)
        ValueError: `base_url` is not the provider's, or an option has an impossible value.
    """

    profile = PROFILE

    def __init__(
        self,
        *,
        token: str | None = None,
        username: str | None = None,
        password: str | None = None,
        base_url: str = PRODUCTION_URL,
        max_concurrency: int = 8,
        timeout: float = 30.0,
        **options: Unpack[ClientOptions],
    ) -> None:
        if (username is None) != (password is None) or (token is None and username is None):
            msg = Message(
                "Propars needs a token, or a username together with its password (PROPARS_TOKEN, PROPARS_USERNAME …)"
            )
            raise ConfigurationError(msg, provider=PROFILE.name)
        login = None
        if username is not None and password is not None:
            login = FetchAuthToken(
                username=validators.check_login("username", username),
                password=validators.check_login("password", password),
            )
        checked = Options(max_concurrency=max_concurrency, timeout=timeout, **options)
        super().__init__(
            validators.parse_origin(base_url, (PRODUCTION_URL,), allow_custom_host=checked.allow_custom_host),
            checked,
            AccountAccess(
                headers={"Accept": "*/*", "Accept-Encoding": "gzip", "User-Agent": USER_AGENT},
                ready_token=None if token is None else validators.credential("token", token),
                token_request=login,
                secrets=() if login is None else (login.username, login.password),
            ),
        )

    @classmethod
    def from_env(cls, *, max_concurrency: int = 8, timeout: float = 30.0, **options: Unpack[ClientOptions]) -> Self:
        """Make a client from PROPARS_TOKEN or PROPARS_USERNAME and PROPARS_PASSWORD, and PROPARS_BASE_URL.

        Raises:
            ConfigurationError: A variable that is needed is missing.
        """
        return cls(
            token=config.optional_variable("PROPARS_TOKEN"),
            username=config.optional_variable("PROPARS_USERNAME"),
            password=config.optional_variable("PROPARS_PASSWORD"),
            base_url=config.optional_variable("PROPARS_BASE_URL") or PRODUCTION_URL,
            max_concurrency=max_concurrency,
            timeout=timeout,
            **options,
        )

    @overload
    async def invoice_html_for_sale(
        self,
        *,
        sale_code: str,
        invoice_date: datetime | str | None = None,
        invoice_uuid: UUID | str | None = None,
        invoice_number: str | None = None,
        invoice_char_code: str | None = None,
    ) -> InvoiceHtml: ...
    @overload
    async def invoice_html_for_sale(
        self,
        *,
        sale_id: int,
        invoice_date: datetime | str | None = None,
        invoice_uuid: UUID | str | None = None,
        invoice_number: str | None = None,
        invoice_char_code: str | None = None,
    ) -> InvoiceHtml: ...
    async def invoice_html_for_sale(
        self,
        *,
        sale_code: str | None = None,
        sale_id: int | None = None,
        invoice_date: datetime | str | None = None,
        invoice_uuid: UUID | str | None = None,
        invoice_number: str | None = None,
        invoice_char_code: str | None = None,
    ) -> InvoiceHtml:
        """Show the invoice of a sale as HTML, and create it when the sale has none. This call sends nothing.

        It also shows an invoice that was sent before, so a preview does not prove that the invoice is official or not.
        Exactly one of `sale_code` and `sale_id`. The other arguments matter only when the invoice is created now.

        Args:
            sale_code: The code of the sale (satış kodu).
            sale_id: The id of the sale in Propars.
            invoice_date: The invoice's date, an aware datetime or ISO 8601 with offset; needed where automatic dating
                is off. It is sent in Türkiye's time.
            invoice_uuid: The ETTN to give it, a UUID of version 4. It identifies the invoice; it is not documented to
                prevent a second one.
            invoice_number: The number to give it, 16 characters: 3 of A-Z0-9, the year, 9 digits.
            invoice_char_code: Undocumented by the provider; probably the 3-letter prefix.

        Returns:
            The preview.

        Raises:
            OutcomeUnknownError: The invoice may have been created: look at the sale before calling again.
            KolayInvoiceError: Nothing was created; see `kolay_invoice.errors`.

        Pages: "Fatura Oluşturma/Önizleme", and "Fatura Görüntüleme" for what was sent.
        """
        return await self.call(
            InvoiceHtmlForSale(
                sale_code=sale_code,
                sale_id=sale_id,
                invoice_date=invoice_date,
                invoice_uuid=invoice_uuid,
                invoice_number=invoice_number,
                invoice_char_code=invoice_char_code,
            )
        )

    @overload
    async def send_invoice(
        self,
        *,
        sale_code: str,
        invoice_date: datetime | str | None = None,
        invoice_uuid: UUID | str | None = None,
        invoice_number: str | None = None,
        invoice_char_code: str | None = None,
    ) -> SentInvoice: ...
    @overload
    async def send_invoice(
        self,
        *,
        sale_id: int,
        invoice_date: datetime | str | None = None,
        invoice_uuid: UUID | str | None = None,
        invoice_number: str | None = None,
        invoice_char_code: str | None = None,
    ) -> SentInvoice: ...
    @overload
    async def send_invoice(self, *, invoice_id: int) -> SentInvoice: ...
    async def send_invoice(
        self,
        *,
        sale_code: str | None = None,
        sale_id: int | None = None,
        invoice_id: int | None = None,
        invoice_date: datetime | str | None = None,
        invoice_uuid: UUID | str | None = None,
        invoice_number: str | None = None,
        invoice_char_code: str | None = None,
    ) -> SentInvoice:
        """Send the invoice of a sale to the tax authority, creating it when there is none. Cannot be undone.

        Exactly one of `sale_code`, `sale_id` and `invoice_id`; with `invoice_id` the invoice exists already and takes
        no other argument.

        Args:
            sale_code: The code of the sale (satış kodu).
            sale_id: The id of the sale in Propars.
            invoice_id: The id of an invoice that was created before.
            invoice_date: As for `invoice_html_for_sale`.
            invoice_uuid: As for `invoice_html_for_sale`.
            invoice_number: As for `invoice_html_for_sale`.
            invoice_char_code: As for `invoice_html_for_sale`.

        Returns:
            The invoice; a field that the reply omits is None.

        Raises:
            OutcomeUnknownError: It may have been sent: look it up before calling again.
            KolayInvoiceError: Nothing was sent; see `kolay_invoice.errors`.

        Page: "Fatura Gönderme".
        """
        return await self.call(
            SendInvoice(
                sale_code=sale_code,
                sale_id=sale_id,
                invoice_id=invoice_id,
                invoice_date=invoice_date,
                invoice_uuid=invoice_uuid,
                invoice_number=invoice_number,
                invoice_char_code=invoice_char_code,
            )
        )

    @overload
    async def get_signed_xml(self, *, sale_code: str) -> SignedXml: ...
    @overload
    async def get_signed_xml(self, *, sale_id: int) -> SignedXml: ...
    @overload
    async def get_signed_xml(self, *, invoice_id: int) -> SignedXml: ...
    async def get_signed_xml(
        self, *, sale_code: str | None = None, sale_id: int | None = None, invoice_id: int | None = None
    ) -> SignedXml:
        """Fetch the signed XML of an invoice that was sent. Changes nothing, and is repeated when an attempt fails.

        Exactly one of the three selectors.

        Args:
            sale_code: The code of the sale (satış kodu).
            sale_id: The id of the sale in Propars.
            invoice_id: The id of the invoice.

        Returns:
            The document, byte for byte as it came.

        Raises:
            NotFoundError: There is no such sale or invoice, or it was not sent yet.
            UnexpectedReplyError: No whole XML document came.
            KolayInvoiceError: See `kolay_invoice.errors`.

        Page: "İmzalı Fatura Xml Dosyası".
        """
        return await self.call(GetSignedXml(sale_code=sale_code, sale_id=sale_id, invoice_id=invoice_id))

    @overload
    async def cancel_invoice(self, *, sale_id: int) -> CancelledInvoice: ...
    @overload
    async def cancel_invoice(self, *, sale_code: str) -> CancelledInvoice: ...
    async def cancel_invoice(self, *, sale_id: int | None = None, sale_code: str | None = None) -> CancelledInvoice:
        """Cancel the invoice that a sale has now. Cannot be undone.

        Possible for an e-Arşiv invoice whose report has not gone to the tax authority, and for an e-invoice that was
        created and not sent. It names the sale: a late second cancel could hit a newer invoice of the same sale.

        Args:
            sale_id: The id of the sale in Propars.
            sale_code: The code of the sale (satış kodu).

        Returns:
            The provider's reply.

        Raises:
            OutcomeUnknownError: It may have been cancelled: look at the sale before calling again.
            KolayInvoiceError: Nothing was cancelled; see `kolay_invoice.errors`.

        Page: "Fatura İptali".
        """
        return await self.call(CancelInvoice(sale_id=sale_id, sale_code=sale_code))

    async def list_sales(
        self,
        *,
        order_start_date: date | str | None = None,
        order_end_date: date | str | None = None,
        invoiced: bool | None = None,
        invoice_sent: bool | None = None,
        invoice_number: str | None = None,
        common_status: str | None = None,
        status: str | None = None,
        source: str | None = None,
        search: str | None = None,
        ordering: str | None = None,
    ) -> list[Sale]:
        """List sales, and whether each has an invoice and was sent. Changes nothing.

        All pages are fetched, each with a `timeout` of its own. A sale that is added or removed meanwhile may move the
        others from one page to the next.

        Args:
            order_start_date: Only sales ordered from this day on (`date` or YYYY-MM-DD).
            order_end_date: Only sales ordered up to this day.
            invoiced: Only sales that have an invoice, or have none.
            invoice_sent: Only sales whose invoice was sent, or was not.
            invoice_number: Only the sale with this invoice.
            common_status: Only sales of this status; its values are unpublished.
            status: Only sales of this status; its values are unpublished.
            source: Only sales of this source, such as "store" or "website".
            search: Only sales in which this text is found.
            ordering: By which field the rows are ordered; a minus in front turns them around.

        Returns:
            The rows, in the provider's order; every field may be None.

        Raises:
            UnexpectedReplyError: No usable reply came, it holds sales that were not asked for, or a page repeats.
            KolayInvoiceError: See `kolay_invoice.errors`.

        Page: sales/list (path, filters and paging). How `invoiced` is written (`true`) is a guess, and the fields of a
        row are unpublished.
        """
        request = ListSales(
            order_start_date=order_start_date,
            order_end_date=order_end_date,
            invoiced=invoiced,
            invoice_sent=invoice_sent,
            invoice_number=invoice_number,
            common_status=common_status,
            status=status,
            source=source,
            search=search,
            ordering=ordering,
        )
        return await self._all_rows(SalePages(request))

    def iter_sales(
        self,
        *,
        order_start_date: date | str | None = None,
        order_end_date: date | str | None = None,
        invoiced: bool | None = None,
        invoice_sent: bool | None = None,
        invoice_number: str | None = None,
        common_status: str | None = None,
        status: str | None = None,
        source: str | None = None,
        search: str | None = None,
        ordering: str | None = None,
    ) -> AsyncIterator[Sale]:
        """Iterate over the same rows as `list_sales`, page by page. Changes nothing.

        One page is held at a time. Close the iterator if you stop early (`aclosing`).

        Returns:
            An iterator of sales; an error can come after rows that it has already given.

        Page: sales/list.
        """
        request = ListSales(
            order_start_date=order_start_date,
            order_end_date=order_end_date,
            invoiced=invoiced,
            invoice_sent=invoice_sent,
            invoice_number=invoice_number,
            common_status=common_status,
            status=status,
            source=source,
            search=search,
            ordering=ordering,
        )
        return self._each_row(SalePages(request))

    async def get_sale(self, sale_id: int) -> Sale:
        """Look at one sale, and whether it has an invoice and was sent. Changes nothing.

        Args:
            sale_id: The id of the sale in Propars.

        Returns:
            The sale; every field may be None.

        Raises:
            NotFoundError: There is no such sale.
            UnexpectedReplyError: No usable reply came, or it is about another sale.
            KolayInvoiceError: See `kolay_invoice.errors`.

        Page: usage (its rule for every resource). The fields of a sale are unpublished.
        """
        return await self.call(GetSale(sale_id))

    async def get_invoice(self, invoice_id: int) -> SaleInvoice:
        """Look at one invoice of a sale. Changes nothing.

        Args:
            invoice_id: The id of the invoice in Propars.

        Returns:
            The invoice; every field may be None.

        Raises:
            NotFoundError: There is no such invoice.
            UnexpectedReplyError: No usable reply came, or it is about another invoice.
            KolayInvoiceError: See `kolay_invoice.errors`.

        Page: usage. The fields of an invoice are unpublished.
        """
        return await self.call(GetSaleInvoice(invoice_id))
