"""KolayBi and Propars on loopback: for tests, demos and documentation, with faults on request.

from kolay_invoice.emulator import Emulator

with Emulator() as emulator:
    emulator.fault("create_e_document", "drop-after")
    ...
    assert emulator.executions("create_e_document", 1) == 1
"""

from importlib.util import find_spec

from kolay_invoice.emulator.emulator import Emulator
from kolay_invoice.emulator.faults import KINDS
from kolay_invoice.emulator.guesses import Guesses
from kolay_invoice.emulator.kolaybi_documents import Company, Document, Movement
from kolay_invoice.emulator.messages import ReceivedRequest
from kolay_invoice.emulator.propars_sales import Invoice, Sale
from kolay_invoice.emulator.routes import OPERATIONS

for _needed in ("cryptography", "jinja2", "signxml"):
    # They are imported when a document is signed or rendered, which would be in the middle of a call.
    if find_spec(_needed) is None:
        msg = f"kolay_invoice.emulator needs {_needed}: pip install 'kolay-invoice[emulator]'"
        raise ModuleNotFoundError(msg, name=_needed)

FAULT_KINDS = tuple(KINDS)

__all__ = [
    "FAULT_KINDS",
    "OPERATIONS",
    "Company",
    "Document",
    "Emulator",
    "Guesses",
    "Invoice",
    "Movement",
    "ReceivedRequest",
    "Sale",
]
