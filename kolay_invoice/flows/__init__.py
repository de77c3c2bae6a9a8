"""Whole errands, each step an operation of a journal. Running one again goes on where it stopped."""

from kolay_invoice.flows.order_to_invoice import OrderToInvoice
from kolay_invoice.flows.orders import Order, OrderLine, OrderResult

__all__ = ["Order", "OrderLine", "OrderResult", "OrderToInvoice"]
