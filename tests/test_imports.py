"""Which module imports which, read from the sources: whatever is imported first, nothing is imported half."""

from __future__ import annotations

import ast
import graphlib
from pathlib import Path

import pytest

import kolay_invoice

PACKAGE = Path(kolay_invoice.__file__).parent


def name_of(path):
    """Return the name of the module in a file."""
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


MODULES = {name_of(path): path for path in PACKAGE.rglob("*.py")}


def imports_at_load(body):
    """Yield the statements that import while a module is loaded: those in functions and for type checkers do not."""
    for node in body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield node
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from imports_at_load(node.orelse)
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            parts = [getattr(node, part, []) for part in ("body", "orelse", "finalbody")]
            parts += [handler.body for handler in getattr(node, "handlers", [])]
            for part in parts:
                yield from imports_at_load(part if isinstance(part, list) else [])


def imported(statement):
    """Return the modules that a statement names; of a name in a module, the module."""
    if isinstance(statement, ast.Import):
        return [name.name for name in statement.names]
    names = [f"{statement.module}.{name.name}" for name in statement.names]
    return [name if name in MODULES else statement.module for name in names]


def loads(module, source):
    """Return the modules that loading this one loads, its own packages left out: they are being loaded already."""
    needed = set()
    for statement in imports_at_load(ast.parse(source).body):
        for name in imported(statement):
            parts = name.split(".")
            above = {".".join(parts[:end]) for end in range(2, len(parts))}
            needed |= {name} | {one for one in above if not f"{module}.".startswith(f"{one}.")}
    return needed & MODULES.keys()


GRAPH = {module: loads(module, path.read_text("utf-8")) for module, path in MODULES.items()}


def test_modules_import_each_other_without_a_circle_so_that_each_can_be_imported_first():
    order = list(graphlib.TopologicalSorter(GRAPH).static_order())
    assert set(order) == set(MODULES)
    assert (
        order.index("kolay_invoice.errors")
        < order.index("kolay_invoice.client")
        < order.index("kolay_invoice.kolaybi.client")
    )


def test_a_circle_is_found_wherever_it_is_imported():
    back = "try:\n    import kolay_invoice.kolaybi.client\nexcept ImportError:\n    pass\n"
    with pytest.raises(graphlib.CycleError):
        list(
            graphlib.TopologicalSorter(
                GRAPH | {"kolay_invoice.errors": loads("kolay_invoice.errors", back)}
            ).static_order()
        )


@pytest.mark.parametrize(
    "later",
    ["def f():\n    import kolay_invoice.kolaybi.client", "if TYPE_CHECKING:\n    import kolay_invoice.kolaybi.client"],
)
def test_an_import_in_a_function_or_for_type_checkers_loads_nothing(later):
    assert loads("kolay_invoice.errors", later) == set()
