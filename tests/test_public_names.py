"""The public names: all of them, sorted, loaded when they are first used."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

import kolay_invoice
from kolay_invoice import errors, kolaybi, propars, signed_xml

HEAVY = ["aiohttp", "aiosqlite", "attrs", "backoff", "cattrs", "jinja2", "lxml", "msgspec", "rich"]
HEAVY += ["signxml", "sqlalchemy"]


@pytest.mark.parametrize(
    "module", [kolay_invoice, errors, kolaybi.models, propars.models, signed_xml], ids=lambda module: module.__name__
)
def test_all_is_sorted_and_every_name_in_it_is_there(module):
    constants = sorted(name for name in module.__all__ if name.isupper())
    others = sorted(name for name in module.__all__ if not name.isupper())

    assert module.__all__ == constants + others
    assert [name for name in module.__all__ if getattr(module, name, None) is None] == []


@pytest.mark.parametrize("module", [kolaybi, propars], ids=lambda module: module.__name__)
def test_a_provider_has_each_public_name_of_its_values_once(module):
    assert len(set(module.__all__)) == len(module.__all__)
    assert set(module.models.__all__) < set(module.__all__)
    assert [name for name in module.__all__ if getattr(module, name, None) is None] == []


def test_all_is_what_is_public():
    for name in kolay_invoice.__all__:
        getattr(kolay_invoice, name)  # A name that was used is found without a detour from then on.
    public = {
        name
        for name, value in vars(kolay_invoice).items()
        if not name.startswith("_") and not inspect.ismodule(value) and name not in {"TYPE_CHECKING", "annotations"}
    }

    assert public - {"import_module"} == set(kolay_invoice.__all__) - {"__version__"}


def test_every_name_is_listed_by_dir():
    assert set(kolay_invoice.__all__) <= set(dir(kolay_invoice))


def test_a_name_that_does_not_exist_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'kolay_invoice' has no attribute 'Fatura'"):
        kolay_invoice.Fatura  # noqa: B018


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("KOLAYBI_SANDBOX_URL", "https://ofis-sandbox-api.kolaybi.com"),
        ("KOLAYBI_PRODUCTION_URL", "https://ofis-api.kolaybi.com"),
        ("PROPARS_URL", "https://api.propars.net"),
    ],
)
def test_the_hosts_are_the_providers(name, url):
    assert getattr(kolay_invoice, name) == url


def test_the_import_stays_light():
    script = f"import sys, kolay_invoice; print([name for name in {HEAVY!r} if name in sys.modules])"

    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert ran.stdout == "[]\n"


def test_a_client_can_be_made_before_aiohttp_is_loaded():
    script = (
        "import sys, kolay_invoice; kolay_invoice.AsyncKolayBi(channel='c', access_token='t'); "
        "kolay_invoice.AsyncPropars(token='t'); print('aiohttp' in sys.modules)"
    )

    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert ran.stdout == "False\n"


def test_the_version_is_that_of_the_distribution():
    from pathlib import Path
    from tomllib import loads

    project = loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert kolay_invoice.__version__ == project["version"]
