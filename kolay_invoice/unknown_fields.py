"""The fields of a reply that its class does not know, as a dict that cannot be changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NoReturn


class UnknownFields(dict[str, Any]):
    """The `.extra` of a reply. `dict(reply.extra)` is a copy that can be changed."""

    __slots__ = ()

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        msg = "the extra fields of a reply cannot be changed: change a copy, dict(reply.extra)"
        raise TypeError(msg)

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = _refuse
    # These two are overloaded in `dict`.
    setdefault: Any = _refuse
    update: Any = _refuse

    def __reduce__(self) -> tuple[type[UnknownFields], tuple[dict[str, Any]]]:
        # By default a dict is unpickled and copied one field at a time.
        return UnknownFields, (dict(self),)


NONE_UNKNOWN: Final = UnknownFields()
"""The `.extra` of every reply that has no unknown field. One object, because lists have many rows."""


def freeze(fields: Mapping[str, Any]) -> UnknownFields:
    """Return fields as the `.extra` of a reply."""
    return UnknownFields(fields) if fields else NONE_UNKNOWN
