"""KolayBi: the client and its blocking twin, requests, replies and the names of known values."""

from kolay_invoice.kolaybi import models
from kolay_invoice.kolaybi.blocking import KolayBi
from kolay_invoice.kolaybi.client import AsyncKolayBi
from kolay_invoice.kolaybi.endpoints import ENDPOINTS, PRODUCTION_URL, SANDBOX_URL
from kolay_invoice.kolaybi.models import *

__all__ = ["ENDPOINTS", "PRODUCTION_URL", "SANDBOX_URL", "AsyncKolayBi", "KolayBi"]
__all__ += models.__all__
