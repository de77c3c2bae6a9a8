"""Propars: the client and its blocking twin, requests and replies."""

from kolay_invoice.propars import models
from kolay_invoice.propars.blocking import Propars
from kolay_invoice.propars.client import AsyncPropars
from kolay_invoice.propars.endpoints import ENDPOINTS, PRODUCTION_URL
from kolay_invoice.propars.models import *

__all__ = ["ENDPOINTS", "PRODUCTION_URL", "AsyncPropars", "Propars"]
__all__ += models.__all__
