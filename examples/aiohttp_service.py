"""A web service that sends invoices: aiohttp, with one client for the life of the app.

KOLAYBI_CHANNEL=… KOLAYBI_API_KEY=… python -m aiohttp.web aiohttp_service:make_app
"""

from collections.abc import AsyncIterator, Awaitable, Callable

from aiohttp import web
from http_replies import reply_to

from kolay_invoice import AsyncKolayBi, KolayInvoiceError

KOLAYBI = web.AppKey("kolaybi", AsyncKolayBi)

routes = web.RouteTableDef()


@routes.post(r"/invoices/{document_id:\d+}/send")
async def send(request: web.Request) -> web.Response:
    """Send an invoice to the tax authority, and return its ETTN."""
    document = await request.app[KOLAYBI].create_e_document(int(request.match_info["document_id"]))
    return web.json_response({"ettn": str(document.uuid)})


@web.middleware
async def tell_failures(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Answer for every route that did not get through."""
    try:
        return await handler(request)
    except KolayInvoiceError as error:
        status, body, headers = reply_to(error)
        return web.json_response(body, status=status, headers=headers)


async def client(app: web.Application) -> AsyncIterator[None]:
    """Open the client when the app starts, and close it after the last request."""
    async with AsyncKolayBi.from_env() as app[KOLAYBI]:
        yield


def make_app(_arguments: list[str]) -> web.Application:
    """Make the app; `python -m aiohttp.web` calls this."""
    app = web.Application(middlewares=[tell_failures])
    app.add_routes(routes)
    app.cleanup_ctx.append(client)
    return app
