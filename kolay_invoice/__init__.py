"""Turkish e-invoicing through KolayBi and Propars: asyncio-native, with a blocking facade.

    from kolay_invoice import AsyncKolayBi, KolayBi, AsyncPropars, Propars

Everything here is loaded when it is first used, so that `import kolay_invoice` stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kolay_invoice import errors
    from kolay_invoice.batch import call_all
    from kolay_invoice.config import CallOptions, ClientOptions
    from kolay_invoice.endpoint import Request
    from kolay_invoice.errors import *
    from kolay_invoice.kolaybi import PRODUCTION_URL as KOLAYBI_PRODUCTION_URL
    from kolay_invoice.kolaybi import SANDBOX_URL as KOLAYBI_SANDBOX_URL
    from kolay_invoice.kolaybi import AsyncKolayBi, KolayBi
    from kolay_invoice.kolaybi import models as kolaybi_models
    from kolay_invoice.kolaybi.models import *
    from kolay_invoice.limiter import Limiter
    from kolay_invoice.propars import PRODUCTION_URL as PROPARS_URL
    from kolay_invoice.propars import AsyncPropars, Propars
    from kolay_invoice.propars import models as propars_models
    from kolay_invoice.propars.models import *
    from kolay_invoice.value import to_dict, to_json

    __all__ = [
        "KOLAYBI_PRODUCTION_URL",
        "KOLAYBI_SANDBOX_URL",
        "PROPARS_URL",
        "AsyncKolayBi",
        "AsyncPropars",
        "CallOptions",
        "ClientOptions",
        "KolayBi",
        "Limiter",
        "Propars",
        "Request",
        "__version__",
        "call_all",
        "to_dict",
        "to_json",
    ]
    __all__ += errors.__all__
    __all__ += kolaybi_models.__all__
    __all__ += propars_models.__all__

__version__ = "0.1.0"

_LOCATION = {
    "KOLAYBI_PRODUCTION_URL": ("kolay_invoice.kolaybi.endpoints", "PRODUCTION_URL"),
    "KOLAYBI_SANDBOX_URL": ("kolay_invoice.kolaybi.endpoints", "SANDBOX_URL"),
    "PROPARS_URL": ("kolay_invoice.propars.endpoints", "PRODUCTION_URL"),
    "AsyncKolayBi": ("kolay_invoice.kolaybi.client", "AsyncKolayBi"),
    "AsyncPropars": ("kolay_invoice.propars.client", "AsyncPropars"),
    "CallOptions": ("kolay_invoice.config", "CallOptions"),
    "ClientOptions": ("kolay_invoice.config", "ClientOptions"),
    "KolayBi": ("kolay_invoice.kolaybi.blocking", "KolayBi"),
    "Limiter": ("kolay_invoice.limiter", "Limiter"),
    "Request": ("kolay_invoice.endpoint", "Request"),
    "Propars": ("kolay_invoice.propars.blocking", "Propars"),
    "call_all": ("kolay_invoice.batch", "call_all"),
    "to_dict": ("kolay_invoice.value", "to_dict"),
    "to_json": ("kolay_invoice.value", "to_json"),
}
_PUBLIC_MODULES = ("kolay_invoice.errors", "kolay_invoice.kolaybi.models", "kolay_invoice.propars.models")
"""The modules whose `__all__` is public here as well."""


def __getattr__(name: str) -> object:
    value: object
    if name == "__all__":
        value = _public_names()
    elif name in _LOCATION:
        module, name_there = _LOCATION[name]
        value = getattr(import_module(module), name_there)
    else:
        value = _find(name)
    globals()[name] = value
    return value


def _find(name: str) -> object:
    # `from kolay_invoice import codec` asks here first. Names of modules, and `__path__`, must not load the clients:
    # the importing module may be one that the clients import.
    for module in map(import_module, _PUBLIC_MODULES) if name[:1].isupper() else ():
        if name in module.__all__:
            return getattr(module, name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


def _public_names() -> list[str]:
    names = {"__version__", *_LOCATION, *(name for one in _PUBLIC_MODULES for name in import_module(one).__all__)}
    return sorted(names, key=lambda name: (not name.isupper(), name))


def __dir__() -> list[str]:
    # Completion shows the public names, and not what this module is made of.
    return sorted({*_public_names(), *(name for name in globals() if name.startswith("__"))})
