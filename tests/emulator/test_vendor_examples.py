"""The providers' own example programs, which nobody here wrote, succeed against a fresh emulator.

Each is taken from its page as it stands. Only its host, token and channel are changed; the Python ones also get back
the indentation that the pages' copies lost. What a program leaves in its variables is printed by a line after its end.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kolay_invoice.emulator import Emulator

PAGES = Path(__file__).resolve().parents[3] / "shared" / "vendor"
HOST = "https://ofis-sandbox-api.kolaybi.com"
SECONDS = 30

pytestmark = pytest.mark.skipif(
    not PAGES.is_dir(),
    reason=f"the providers' pages are not here: no {PAGES.parent.name}/{PAGES.name} beside the clone",
)
needs_curl = pytest.mark.skipif(not (shutil.which("curl") and shutil.which("bash")), reason="curl or bash is missing")
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node is missing")


def part(page, first, last):
    """Cut one example program out of a page: from the line that matches `first` to the one before `last`."""
    lines = (PAGES / page).read_text(encoding="utf-8").splitlines()
    examples = lines[lines.index("- C#") + 1 :]
    start = next(number for number, line in enumerate(examples) if re.match(first, line))
    end = next(number for number, line in enumerate(examples) if number > start and re.match(last, line))
    return "\n".join(examples[start:end])


def indented(program):
    """Put back the indentation of the pages' Python.

    A function ends with its `return`; an `if` holds the one statement after it, or the `if`s that follow it.
    """
    lines, in_function, open_ifs, brackets, after_if = [], 0, 0, 0, False
    for line in program.splitlines():
        if brackets or line.startswith("#"):
            lines.append("    " * (in_function + open_ifs) + line)
        elif line.startswith("if "):
            lines.append("    " * (in_function + open_ifs) + line)
            open_ifs, after_if = open_ifs + 1, True
        else:
            open_ifs = open_ifs if after_if else 0
            lines.append("    " * (in_function + open_ifs) + line)
            open_ifs, after_if = max(open_ifs - 1, 0), False
            in_function = 1 if line.startswith("def ") else 0 if line.startswith("return ") else in_function
        brackets += sum(line.count(mark) for mark in "([{") - sum(line.count(mark) for mark in ")]}")
    return "\n".join(lines)


def results_of(program, pattern):
    """Name the variables that the usage lines at the end of an example fill."""
    return re.findall(pattern, program, flags=re.MULTILINE)


def curl(page, emulator):
    program = part(page, r"curl|# Temel", r"async function")
    program = program.replace("YOUR_ACCESS_TOKEN", emulator.kolaybi_access_token)
    return ["bash", "-c", program.replace("YOUR_CHANNEL", emulator.kolaybi_channel).replace(HOST, emulator.kolaybi_url)]


def javascript(page, emulator):
    program = part(page, r"async function", r"function \w+\(\$")
    names = results_of(program, r"^const (\w+) = await \w+\((?!$)")
    credentials = (
        f"const accessToken = {emulator.kolaybi_access_token!r};\nconst channel = {emulator.kolaybi_channel!r};\n"
    )
    print_out = "".join(f"\nconsole.log(JSON.stringify({name}));" for name in names)
    program = credentials + program.replace(HOST, emulator.kolaybi_url) + print_out
    return ["node", "--input-type=module", "-e", program]


def python(page, emulator):
    program = indented(part(page, "import requests", "using System;"))
    names = results_of(program, r"^(\w+) = \w+\(")
    credentials = f"access_token = {emulator.kolaybi_access_token!r}\nchannel = {emulator.kolaybi_channel!r}\n"
    print_out = "\nimport json\n" + "".join(f"print(json.dumps({name}))\n" for name in names)
    return [sys.executable, "-c", credentials + program.replace(HOST, emulator.kolaybi_url) + print_out]


def printed_by(command):
    """Run an example as a process of its own, and read the JSON values that it prints."""
    environment = {name: text for name, text in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", timeout=SECONDS, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    text, values = done.stdout.strip(), []
    while text:
        value, end = json.JSONDecoder().raw_decode(text)
        values.append(value)
        text = text[end:].strip()
    return values


LANGUAGES = [
    pytest.param(curl, marks=needs_curl, id="curl"),
    pytest.param(javascript, marks=needs_node, id="javascript"),
    pytest.param(python, id="python"),
]


@pytest.fixture(params=LANGUAGES)
def run(request, emulator):
    return lambda page: printed_by(request.param(page, emulator))


def test_the_example_of_create_sends_document_1(run, emulator: Emulator):
    (reply,) = run("kolaybi-e-document-create.txt")

    assert reply == {"success": True, "data": {"document_id": 1, "uuid": str(emulator.documents[1].uuid)}}
    assert emulator.documents[1].status == "sent_to_receiver"
    assert emulator.executions("create_e_document", 1) == 1


def test_the_example_of_resend_sends_document_18_again(run, emulator: Emulator):
    (reply,) = run("kolaybi-resend.txt")

    uuid = str(emulator.documents[18].uuid)
    assert reply == {"data": {"document_id": 18, "uuid": uuid, "status": "sent_to_receiver"}}
    assert emulator.executions("resend", 18) == 1


def test_the_example_of_proceed_collects_document_1(run, emulator: Emulator):
    (reply,) = run("kolaybi-proceed.txt")

    assert reply == {"success": True, "data": {"transaction_status": "Tamamlandı", "remaining_amount": 0}}
    assert [(movement.document_id, movement.vault_id) for movement in emulator.movements] == [(1, 1)]
    assert emulator.executions("proceed", 1) == 1


def test_the_examples_of_list_find_all_and_the_filtered_documents(run, emulator: Emulator):
    replies = run("kolaybi-e-document-list.txt")

    rows = [[row["document_id"] for row in reply["data"]] for reply in replies]
    assert rows == [[1, 2, 3, 18, 20, 21], [20]]
    assert emulator.executions("list_invoices") == 2


@pytest.mark.parametrize("sale", ["sale_code=abc123&invoice_date=2018-05-02T09:00:00%2B0300", "sale_id=1001"])
def test_the_paths_of_the_propars_page_are_served(propars, emulator, sale):
    page = (PAGES / "propars-invoices.txt").read_text(encoding="utf-8")
    selector, _, _ = sale.partition("=")
    paths = re.findall(rf"'/api/v1/([^']+\?){selector}=", page)
    assert len(paths) == {"sale_code": 4, "sale_id": 3}[selector]

    for path in paths:
        method = "PATCH" if "cancel" in path else "POST" if "send" in path else "GET"
        assert propars(method, path + sale).status_code == 200
    assert [
        emulator.executions(name, 1001) for name in ("invoice_html_for_sale", "send_invoice", "get_signed_xml")
    ] == [
        1,
        1,
        1,
    ]
