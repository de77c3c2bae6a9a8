"""The console as a person has it, in a real Chromium. With SCREENSHOTS=docs/images it also takes the docs' pictures."""
# ruff: noqa: TID252 - the browser is everybody's.

from __future__ import annotations

import os
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from kolay_invoice import AsyncKolayBi, AsyncPropars, KolayInvoiceError
from kolay_invoice.catalogue import LANGUAGES, catalogue

from ..browser import hosts_in, needs_chromium, running

pytestmark = [needs_chromium, pytest.mark.asyncio(loop_scope="module"), pytest.mark.long]

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1180, "height": 900}
DARK, LIGHT = "rgb(13, 17, 23)", "rgb(246, 248, 250)"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser():
    async with running() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def visit(browser, emulator):
    """A function that opens the console in a fresh profile, and fails the test on any error of the page."""
    problems = []
    async with AsyncExitStack() as stack:

        async def opened(path="/?lang=en", **options):
            context = await browser.new_context(**{"viewport": DESK, **options})
            stack.push_async_callback(context.close)
            page = await context.new_page()
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on("console", lambda said: problems.append(said.text) if said.type in {"error", "warning"} else None)
            await page.goto(f"{emulator.origin}{path}")
            return page

        yield opened
    # That a switch does not turn is said with this status, which the browser takes note of.
    assert [problem for problem in problems if "status of 400" not in problem] == []


@pytest_asyncio.fixture(loop_scope="module")
async def kolaybi(emulator):
    options = {"channel": emulator.kolaybi_channel, "api_key": emulator.kolaybi_api_key}
    async with AsyncKolayBi(**options, base_url=emulator.kolaybi_url) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="module")
async def busy(emulator, kolaybi):
    """An emulator in which something has happened, and more is to come."""
    async with AsyncPropars(token=emulator.propars_token, base_url=emulator.propars_url) as propars:
        await propars.invoice_html_for_sale(sale_code="TOPTAN-7")
        await propars.send_invoice(sale_code="abc124")
    await kolaybi.create_e_document(1)
    emulator.fault("resend", "drop-after")
    with pytest.raises(KolayInvoiceError):
        await kolaybi.resend(18)
    emulator.fault("list_companies", "slow", 2)
    return emulator


async def background(page):
    return await page.evaluate("getComputedStyle(document.body).backgroundColor")


async def keep(page, name):
    if folder := os.environ.get("SCREENSHOTS"):
        await page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_fault_is_switched_on_by_clicking_and_a_call_appears_without_reloading(language, visit, kolaybi):
    text = catalogue(language).gettext
    page = await visit(f"/?lang={language}")
    await expect(page.get_by_role("heading", level=1)).to_have_text(text("Emulator console"))
    await expect(page.locator("#calls")).to_contain_text(text("No call has come yet."))

    await page.get_by_role("combobox", name=text("Operation")).select_option("create_e_document")
    await page.get_by_role("combobox", name=text("Fault"), exact=True).select_option("drop-after")
    await page.get_by_role("button", name=text("Set the fault")).click()
    await expect(page.locator("#pending")).to_have_text("drop-after · create_e_document · 1×")
    await page.evaluate("window.notReloaded = true")
    with pytest.raises(KolayInvoiceError) as caught:
        await kolaybi.create_e_document(1)

    assert caught.value.may_have_happened
    call = page.locator("#calls summary", has_text="create_e_document")
    await expect(call).to_contain_text(f"{text('fault')}: drop-after")
    await expect(call).to_contain_text(text("no reply"))
    await expect(page.locator("#pending")).to_have_text(text("No fault is waiting."))
    await expect(page.locator("#executions")).to_contain_text("create_e_document 1")
    row = page.locator("#documents tr", has=page.get_by_role("rowheader", name="1", exact=True))
    await expect(row).to_contain_text("sent_to_receiver")
    await call.click()
    await expect(page.get_by_label(f"{text('Request')} 2")).to_contain_text("document_id=1")
    assert await page.evaluate("window.notReloaded")


async def test_the_language_is_the_browsers_and_a_link_changes_it(visit):
    page = await visit("/", locale="tr-TR")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Emülatör konsolu")
    await page.get_by_role("link", name="English").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Emulator console")
    await page.get_by_role("button", name="Take the faults back").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Emulator console")


@pytest.mark.parametrize(("scheme", "first", "second"), [("light", LIGHT, DARK), ("dark", DARK, LIGHT)])
async def test_it_is_dark_or_light_by_the_system_or_by_choice(scheme, first, second, visit):
    page = await visit(color_scheme=scheme)
    switch = page.get_by_role("button", name="Dark view")
    assert await background(page) == first
    await expect(switch).to_have_attribute("aria-pressed", str(scheme == "dark").lower())

    await switch.click()
    assert await background(page) == second
    await page.reload()
    await expect(switch).to_have_attribute("aria-pressed", str(scheme != "dark").lower())
    assert await background(page) == second


async def test_without_scripts_it_is_all_there(visit, busy):
    page = await visit(java_script_enabled=False, color_scheme="dark")
    assert await background(page) == DARK
    await expect(page.locator("#theme")).to_be_hidden()
    await expect(page.locator("#calls summary")).to_have_count(5)
    second_send = page.get_by_label("A second send or collection")
    await second_send.select_option("execute")
    await page.get_by_role("button", name="Apply").click()
    await expect(second_send).to_have_value("execute")


async def test_the_keyboard_is_enough(visit, emulator, kolaybi):
    page = await visit()

    async def tab_to(locator):
        for _ in range(40):
            await page.keyboard.press("Tab")
            if await locator.evaluate("it => it === document.activeElement"):
                return
        pytest.fail(f"no way to {locator}")

    await tab_to(page.get_by_role("combobox", name="Operation"))
    await page.keyboard.type("list_companies")
    await tab_to(page.get_by_role("combobox", name="Fault", exact=True))
    await page.keyboard.type("503")
    await tab_to(page.get_by_role("button", name="Set the fault"))
    await page.keyboard.press("Enter")
    await expect(page.locator("#pending")).to_have_text("503 · list_companies · 1×")

    await kolaybi.list_companies()
    struck = page.locator("#calls summary", has_text="503").last
    await expect(struck).to_contain_text("list_companies")
    await tab_to(struck)
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Reply 2")).to_be_visible()

    # What comes in meanwhile takes neither the place nor the unfolded call away.
    await kolaybi.create_e_document(1)
    await expect(page.locator("#calls summary", has_text="create_e_document")).to_be_visible()
    await expect(struck).to_be_focused()
    await expect(page.get_by_label("Reply 2")).to_be_visible()


async def test_skipping_the_switches_leads_to_the_calls(visit):
    page = await visit()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the last calls")).to_be_in_viewport()
    await page.keyboard.press("Enter")
    await expect(page.locator("#calls")).to_be_focused()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_phone_shows_it_without_scrolling_sideways(language, visit, busy):
    page = await visit(f"/?lang={language}", viewport=PHONE, has_touch=True)
    for call in await page.locator("#calls summary").all():
        await call.tap()

    widest = "Math.max(...[...document.querySelectorAll('body *')].map(it => it.getBoundingClientRect().right))"
    assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert await page.evaluate(widest) <= PHONE["width"]
    small = "[...document.querySelectorAll('button, select')].filter(it => it.getBoundingClientRect().height < 40)"
    assert await page.evaluate(f"{small}.length") == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_names_roles_and_contrasts_are_what_everybody_needs(scheme, size, visit, busy):
    page = await visit(color_scheme=scheme, viewport=size, bypass_csp=True)
    for call in await page.locator("#calls summary").all():
        await call.click()
    await page.get_by_label("How many calls").evaluate("it => it.form.noValidate = true")

    seen = [await Axe().run(page)]
    await page.get_by_label("How many calls").fill("0")
    await page.get_by_role("button", name="Set the fault").click()
    await expect(page.get_by_role("alert")).to_contain_text("Choose another")
    seen.append(await Axe().run(page))
    await page.goto(f"{busy.origin}/console/preview/{busy.sale('TOPTAN-7').invoice.id}?lang=en")
    seen.append(await Axe().run(page))

    assert [result.generate_report() for result in seen if result.violations_count] == []


async def test_an_invoice_is_previewed_in_a_frame_of_its_own_origin(visit, busy):
    page = await visit()
    await page.get_by_role("link", name="Preview EMU").first.click()
    frame = page.frame_locator("iframe")
    await expect(frame.locator("#sale-code")).to_have_text("abc124")
    assert await frame.locator("html").evaluate("() => self.origin") == "null"
    await page.get_by_role("link", name="Back to the console").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Emulator console")


async def test_a_reset_is_one_click(visit, busy):
    page = await visit()
    await page.get_by_role("button", name="Reset").click()
    await expect(page.locator("#calls")).to_contain_text("No call has come yet.")
    await expect(page.locator("#executions")).to_contain_text("Nothing has happened yet.")
    assert busy.requests == []


async def test_the_page_reports_that_the_emulator_has_stopped(browser, emulator):
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(f"{emulator.origin}/?lang=en")
    emulator.stop()
    await expect(page.get_by_role("status")).to_have_text("The emulator does not answer; this is what was last seen.")
    await context.close()


async def test_no_request_leaves_loopback(busy, tmp_path):
    log = tmp_path / "network.json"
    async with running(network_log=log) as browser:
        page = await browser.new_page()
        await page.goto(f"{busy.origin}/?lang=en")
        async with page.expect_response(lambda answer: answer.request.resource_type == "fetch"):
            pass
        await page.get_by_role("link", name="Preview EMU").first.click()
        await expect(page.frame_locator("iframe").locator("#ettn")).to_be_visible()
        # The log would tell of another host: this page asks one.
        await page.goto("data:text/html,<img src=http://localhost:9/>")
    assert hosts_in(log) == {"127.0.0.1", "localhost"}


@pytest.mark.parametrize(
    ("name", "language", "scheme", "size"),
    [
        ("console-en-light", "en", "light", DESK),
        ("console-tr-dark", "tr", "dark", DESK),
        ("console-tr-phone", "tr", "light", PHONE),
    ],
)
async def test_the_docs_pictures_show_what_the_page_shows(name, language, scheme, size, visit, busy):
    page = await visit(f"/?lang={language}", color_scheme=scheme, viewport=size)
    await page.locator("#calls summary").nth(2).click()
    await expect(page.get_by_label(f"{catalogue(language).gettext('Reply')} 3")).to_contain_text("success")
    await keep(page, name)
