"""A web service that sends invoices: FastAPI, with one client for the life of the app.

    KOLAYBI_CHANNEL=… KOLAYBI_API_KEY=… uvicorn fastapi_service:app

The client's limiter holds for all requests together, and its connections and its token are shared by them.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, TypedDict
from uuid import UUID

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from http_replies import reply_to

from kolay_invoice import AsyncKolayBi, Invoice, KolayInvoiceError


class State(TypedDict):
    """What lives as long as the app."""

    kolaybi: AsyncKolayBi


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[State]:
    """Open the client when the app starts, and close it after the last request."""
    async with AsyncKolayBi.from_env() as kolaybi:
        yield {"kolaybi": kolaybi}


def client(request: Request) -> AsyncKolayBi:
    """Return the app's client."""
    kolaybi: AsyncKolayBi = request.state.kolaybi
    return kolaybi


app = FastAPI(lifespan=lifespan)


@app.post("/invoices/{document_id}/send")
async def send(document_id: int, kolaybi: Annotated[AsyncKolayBi, Depends(client)]) -> dict[str, UUID]:
    """Send an invoice to the tax authority, and return its ETTN."""
    document = await kolaybi.create_e_document(document_id)
    return {"ettn": document.uuid}


@app.get("/companies/{company_id}/invoices")
async def outbound(company_id: int, kolaybi: Annotated[AsyncKolayBi, Depends(client)]) -> list[Invoice]:
    """List what a company has sent. OpenAPI shows each field; amounts are texts, never floats."""
    return await kolaybi.list_invoices(company_id, "outbound")


@app.exception_handler(KolayInvoiceError)
async def failed(_request: Request, error: KolayInvoiceError) -> JSONResponse:
    """Answer for every route that did not get through."""
    status, body, headers = reply_to(error)
    return JSONResponse(body, status, headers)
