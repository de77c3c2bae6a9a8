"""A Django view that sends invoices, under a prefork server with threads. The whole project is this file.

KOLAYBI_CHANNEL=… KOLAYBI_API_KEY=… gunicorn --workers 2 --threads 4 django_service:application
"""

import functools
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST
from http_replies import reply_to

from kolay_invoice import KolayBi, KolayInvoiceError, to_dict

settings.configure(
    ALLOWED_HOSTS=["localhost"],
    ROOT_URLCONF=__name__,
    SECRET_KEY=os.environ.get("DJANGO_SECRET_KEY", "only-an-example"),
)


@functools.cache
def kolaybi() -> KolayBi:
    """Return this process's client: made by the first request after the fork, and shared by all threads."""
    return KolayBi.from_env()


@csrf_exempt  # It is called by programs; a page with a form leaves this out.
@require_POST
def send(_request: HttpRequest, document_id: int) -> JsonResponse:
    """Send an invoice to the tax authority, and return its ETTN."""
    try:
        document = kolaybi().create_e_document(document_id)
    except KolayInvoiceError as error:
        status, body, headers = reply_to(error)
        return JsonResponse(body, status=status, headers=headers)
    return JsonResponse({"ettn": str(document.uuid)})


@require_GET
def show(_request: HttpRequest, document_id: int) -> JsonResponse:
    """Show an invoice. Its amounts are texts, never floats."""
    try:
        invoice = kolaybi().get_invoice(document_id)
    except KolayInvoiceError as error:
        status, body, headers = reply_to(error)
        return JsonResponse(body, status=status, headers=headers)
    return JsonResponse(to_dict(invoice))


urlpatterns = [path("invoices/<int:document_id>", show), path("invoices/<int:document_id>/send", send)]
application = get_wsgi_application()
