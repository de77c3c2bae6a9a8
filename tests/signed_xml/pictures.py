"""Run as a program, it makes the pictures of documentation: three designs of our own, each shown in four ways.

Each picture has the page that a browser would show if it opened it directly, its preview, its rendering and its PDF.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path

from kolay_invoice.propars import preview
from kolay_invoice.signed_xml import Rendering, render
from tests.browser import running
from tests.signed_xml.designs import design, with_design
from tests.signed_xml.signer import Signing, own_seal

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
WIDTH, HEIGHT = 620, 440

LINES = """<xsl:for-each select="//cac:InvoiceLine"><tr><td><xsl:value-of select="cbc:ID"/></td>
<td><xsl:value-of select="cac:Item/cbc:Name"/></td><td><xsl:value-of select="cbc:InvoicedQuantity"/></td>
<td><xsl:value-of select="cac:Price/cbc:PriceAmount"/></td>
<td><xsl:value-of select="cbc:LineExtensionAmount"/> TL</td></tr>
</xsl:for-each>"""
TOTALS = """<tr><td>Mal Hizmet Toplam Tutarı</td><td><xsl:value-of select="//cbc:TaxExclusiveAmount"/> TL</td></tr>
<tr><td>Hesaplanan KDV (%20)</td><td><xsl:value-of select="/i:Invoice/cac:TaxTotal/cbc:TaxAmount"/> TL</td></tr>
<tr><td>Ödenecek Tutar</td><td><xsl:value-of select="//cbc:PayableAmount"/> TL</td></tr>"""
FACTS = """<tr><td>Senaryo</td><td><xsl:value-of select="//cbc:ProfileID"/></td></tr>
<tr><td>Fatura No</td><td><xsl:value-of select="/i:Invoice/cbc:ID"/></td></tr>
<tr><td>Fatura Tarihi</td><td><xsl:value-of select="//cbc:IssueDate"/></td></tr>
<tr><td>ETTN</td><td><xsl:value-of select="/i:Invoice/cbc:UUID"/></td></tr>"""
SELLER = '<b><xsl:value-of select="//cac:AccountingSupplierParty//cac:PartyName/cbc:Name"/></b>'
BUYER = """<xsl:value-of select="//cac:AccountingCustomerParty//cbc:FirstName"/>&#160;<xsl:value-of
 select="//cac:AccountingCustomerParty//cbc:FamilyName"/>"""
HEAD = "<tr><th>Sıra No</th><th>Mal Hizmet</th><th>Miktar</th><th>Birim Fiyat</th><th>Tutar</th></tr>"

OLD = f"""<style type="text/css">body {{ background: #fff; font: 11px Tahoma, sans-serif }}
td, th {{ border: 1px solid #666; font-size: 11px; padding: 1px 4px }} table {{ border-collapse: collapse }}
hr {{ border: 2px solid #000; margin: 0 }}</style>
<hr/>{SELLER}<br/>Vergi No: <xsl:value-of select="//cac:AccountingSupplierParty//cbc:ID[@schemeID='VKN']"/><hr/>
<table width="560"><tr><td valign="top" style="border: 0">
<h1 style="font-size: 18px">e-FATURA</h1>SAYIN<br/>{BUYER}</td>
<td style="border: 0" align="right"><table>{FACTS}</table></td></tr></table><br/>
<table width="560">{HEAD}{LINES}</table><br/><table align="right" style="margin-right: 50px">{TOTALS}</table>"""

NEW = f"""<style>body {{ font: 14px/1.5 sans-serif; margin: 24px; color: #234 }} h1 {{ color: #06c; margin: 0 0 12px }}
.head {{ display: flex; justify-content: space-between }} table {{ border-spacing: 0; width: 100% }}
th {{ background: #06c; color: #fff; text-align: left }} td, th {{ padding: 4px 8px; border-bottom: 1px solid #cde }}
.totals {{ width: 320px; margin: 16px 0 0 auto }} .facts {{ width: auto; font-size: 12px }}</style>
<div class="head"><div><h1>e-Fatura</h1>{SELLER}<p>{BUYER}</p></div><table class="facts">{FACTS}</table></div>
<table>{HEAD}{LINES}</table><table class="totals">{TOTALS}</table>"""

WITH_CODE = f"""<style>body {{ font: 12px Arial, sans-serif; margin: 12px }}
td, th {{ padding: 2px 6px; text-align: left }}
table.lines {{ border: 1px solid #000; width: 100% }} .lines td {{ border-top: 1px dotted #000 }}</style>
<table width="100%"><tr><td>{SELLER}<br/>{BUYER}</td><td align="center"><h2>e-Arşiv Fatura</h2></td>
<td align="right"><div id="qrcode"></div><div id="qrvalue" style="display: none">{{"vkntckn":"<xsl:value-of
 select="//cac:AccountingSupplierParty//cbc:ID[@schemeID='VKN']"/>","senaryo":"EARSIVFATURA","tip":"<xsl:value-of
 select="//cbc:InvoiceTypeCode"/>","tarih":"<xsl:value-of select="//cbc:IssueDate"/>","no":"<xsl:value-of
 select="/i:Invoice/cbc:ID"/>","ettn":"<xsl:value-of select="/i:Invoice/cbc:UUID"/>","odenecek":"<xsl:value-of
 select="//cbc:PayableAmount"/>"}}</div>
<script>document.getElementById("qrcode").innerHTML = "QR"</script></td></tr></table>
<table>{FACTS}</table><br/><table class="lines">{HEAD}{LINES}</table><br/><table align="right">{TOTALS}</table>"""

DESIGNS = {"old": OLD, "new": NEW, "earsiv": WITH_CODE}

SHEET = """<style>body {{ margin: 8px; font: 16px sans-serif; display: grid; gap: 12px;
grid-template-columns: auto auto }}
figure {{ margin: 0 }} img {{ border: 1px solid #999; width: {width}px; height: {height}px; object-fit: cover;
object-position: top left }}</style>{figures}"""
FIGURE = '<figure><figcaption>{name}</figcaption><img src="{file}"></figure>'


def rendered(inside: str) -> Rendering:
    return render(Signing().sign(with_design(design(inside))), certificate=own_seal().pem)


async def make(folder: Path) -> None:
    async with running() as browser:
        for name, inside in DESIGNS.items():
            shown = rendered(inside)
            direct, pdf = folder / f"{name}-direct.html", folder / f"{name}.pdf"
            direct.write_text(shown.html, encoding="utf-8-sig")
            pages = {
                "opened directly": direct,
                "preview": preview.save(shown.html, folder / f"{name}-preview.html"),
                "rendering": shown.save(folder / f"{name}-rendering.html"),
            }
            figures = ""
            for what, file in pages.items():
                page = await browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
                await page.goto(file.as_uri())
                await page.screenshot(path=folder / f"{name}-{what}.png")
                figures += FIGURE.format(name=what, file=f"{name}-{what}.png")
            shown.write_pdf(pdf)
            command = ["pdftoppm", "-r", "75", "-png", "-singlefile", pdf, folder / f"{name}-pdf"]
            await asyncio.to_thread(subprocess.run, command, check=True)
            figures += FIGURE.format(name="PDF", file=f"{name}-pdf.png")
            sheet = folder / f"{name}.html"
            sheet.write_text(SHEET.format(width=WIDTH, height=HEIGHT, figures=figures), encoding="utf-8-sig")
            page = await browser.new_page(viewport={"width": 2 * WIDTH + 40, "height": 2 * HEIGHT + 90})
            await page.goto(sheet.as_uri())
            await page.screenshot(path=IMAGES / f"design-{name}.png")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as room:
        asyncio.run(make(Path(room)))
    sys.stdout.write(f"{IMAGES}\n")
