"""Requests, replies and attempts as JSON text, and back as the same attrs values.

`.extra` is left out: it holds whatever a provider sends besides the published fields, buyers' data among it, and that
must not lie in a file.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from attrs import fields, has
from cattrs.gen import make_dict_unstructure_fn, override
from cattrs.preconf.msgspec import make_converter

ValueT = TypeVar("ValueT")

_converter = make_converter()
_converter.register_structure_hook(UUID, lambda text, _: UUID(text))
_converter.register_structure_hook(Decimal, lambda text, _: Decimal(text))
_converter.register_structure_hook(int | str | None, lambda value, _: value)


def _without_extra(kind: type[Any]) -> Callable[[Any], dict[str, Any]]:
    omitted: dict[str, Any] = {a.name: override(omit=True) for a in fields(kind) if a.name == "extra"}
    return make_dict_unstructure_fn(kind, _converter, _cattrs_omit_if_default=True, **omitted)


_converter.register_unstructure_hook_factory(has)(_without_extra)


def dumps(value: object) -> str:
    """Return a value as JSON text; fields that have their default are left out."""
    return _converter.dumps(value).decode()


def loads(text: str, kind: type[ValueT]) -> ValueT:
    """Return the value that `dumps` wrote."""
    return _converter.loads(text.encode(), kind)
