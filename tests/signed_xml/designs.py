"""Designs (XSLT) of our own: one as a program of an integrator writes it, and hostile ones."""

from __future__ import annotations

from base64 import b64encode

from .documents import invoice

OPENED = """<?xml version="1.0" encoding="UTF-8"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:exsl="http://exslt.org/common"
 xmlns:func="http://exslt.org/functions" xmlns:str="http://exslt.org/strings" xmlns:dyn="http://exslt.org/dynamic"
 xmlns:i="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
 exclude-result-prefixes="i cac cbc exsl func str dyn">"""
CLOSED = "</xsl:stylesheet>"
OUTPUT = """<xsl:output method="html" encoding="{}" doctype-public="-//W3C//DTD HTML 4.01 Transitional//EN"
 doctype-system="http://www.w3.org/TR/html4/loose.dtd"/>"""


def design(inside: str, *, before: str = "", encoding: str = "utf-8") -> str:
    """Return a design whose page has this body."""
    body = f'<xsl:template match="/"><html><body>{inside}</body></html></xsl:template>'
    return f"{OPENED}{OUTPUT.format(encoding)}{before}{body}{CLOSED}"


def with_design(*designs: str | bytes, text: str | None = None) -> str:
    """Return an invoice that carries designs, with an empty place for its signature."""
    attached = "".join(
        "<cac:AdditionalDocumentReference><cbc:ID>1</cbc:ID><cac:Attachment><cbc:EmbeddedDocumentBinaryObject "
        f'mimeCode="application/xml" filename="tasarim.xslt">{b64encode(as_bytes(one)).decode()}'
        "</cbc:EmbeddedDocumentBinaryObject></cac:Attachment></cac:AdditionalDocumentReference>"
        for one in designs
    )
    place = "<cac:AccountingSupplierParty>"
    return (text or invoice()).replace(place, f"{attached}{place}", 1)


def as_bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


PLAIN = design(
    """<h1>e-Arşiv Fatura</h1><p>Fatura No: <xsl:value-of select="//cbc:ID[1]"/></p>
    <p>ETTN: <xsl:value-of select="/i:Invoice/cbc:UUID"/></p>
    <p>Ödenecek: <xsl:value-of select="//cbc:PayableAmount"/></p>
    <div id="qrvalue" style="display:none">{"no":"<xsl:value-of select="/i:Invoice/cbc:ID"/>"}</div>
    <div id="qrcode"></div>
    <script type="text/javascript">new QRCode(document.getElementById("qrcode"))</script>""",
    encoding="iso-8859-9",
)

TEMPLATE = '<xsl:template name="t"><xsl:param name="n" select="0"/>{}</xsl:template>'
CALL = '<xsl:call-template name="t"><xsl:with-param name="n" select="$n + 1"/></xsl:call-template>'
START = '<xsl:call-template name="t"/>'
DOUBLE = (
    '<xsl:template name="t"><xsl:param name="s"/><xsl:call-template name="t">'
    '<xsl:with-param name="s" select="concat($s, $s)"/></xsl:call-template></xsl:template>'
)
ALL = "//node() | //@* | //namespace::*"


def nested_loops(depth: int) -> str:
    return f'<xsl:for-each select="{ALL}">' * depth + "x" + "</xsl:for-each>" * depth


ENTITIES = "".join(f'<!ENTITY e{number} "{f"&e{number - 1};" * 20}">' for number in range(1, 12))
BOMB = f'<!DOCTYPE x [<!ENTITY e0 "x">{ENTITIES}]>'


def with_doctype(doctype: str, inside: str) -> str:
    return design(inside).replace("?>", f"?>{doctype}", 1)


def hostile(file: str, url: str, new: str) -> dict[str, str]:
    """Return designs that try something, by its name. Each of them fails, or makes a page without what it was after."""
    reading = {"a file": file, "a host": url}
    return {
        **{
            f"document() of {kind}": design(f"<xsl:copy-of select=\"document('{place}')\"/>")
            for kind, place in reading.items()
        },
        **{
            f"document() of {kind} beside a node": design(f"<xsl:copy-of select=\"document('{place}', /)\"/>")
            for kind, place in reading.items()
        },
        **{
            f"an include of {kind}": design("x", before=f'<xsl:include href="{place}"/>')
            for kind, place in reading.items()
        },
        **{
            f"an import of {kind}": design("x").replace("<xsl:output", f'<xsl:import href="{place}"/><xsl:output')
            for kind, place in reading.items()
        },
        **{
            f"an entity of {kind}": with_doctype(f'<!DOCTYPE x [<!ENTITY e SYSTEM "{place}">]>', "<p>&e;</p>")
            for kind, place in reading.items()
        },
        **{
            f"a parameter entity of {kind}": with_doctype(f'<!DOCTYPE x [<!ENTITY % e SYSTEM "{place}"> %e;]>', "<p/>")
            for kind, place in reading.items()
        },
        **{
            f"a DTD from {kind}": with_doctype(f'<!DOCTYPE x SYSTEM "{place}">', "<p/>")
            for kind, place in reading.items()
        },
        **{
            f"XInclude of {kind}": design(f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{place}"/>')
            for kind, place in reading.items()
        },
        "document() of a directory": design("<xsl:copy-of select=\"document('/etc/')\"/>"),
        "document() of a name made as it runs": design(
            f"<xsl:for-each select='//cbc:ID'><xsl:copy-of select=\"document(concat('{file}', ''))\"/></xsl:for-each>"
        ),
        "exsl:document": design(f'<exsl:document href="{new}">x</exsl:document>').replace(
            ' version="1.0" xmlns:xsl', ' extension-element-prefixes="exsl" version="1.0" xmlns:xsl', 1
        ),
        "xsl:document": design(f'<xsl:document href="{new}">x</xsl:document>').replace(
            'version="1.0" xm', 'version="1.1" xm'
        ),
        "saxon:output": design(
            f'<saxon:output xmlns:saxon="http://icl.com/saxon" file="{new}">x</saxon:output>'
        ).replace(
            ' version="1.0" xmlns:xsl',
            ' extension-element-prefixes="saxon" version="1.0" xmlns:saxon="http://icl.com/saxon" xmlns:xsl',
            1,
        ),
        "xalan:write": design(
            f'<redirect:write xmlns:redirect="http://xml.apache.org/xalan/redirect" file="{new}">x</redirect:write>'
        ),
        "an unknown function": design('<xsl:value-of select="x:run(\'id\')" xmlns:x="urn:x"/>'),
        "a function of Java": design(
            '<xsl:value-of select="r:exec(r:getRuntime(), \'id\')" xmlns:r="http://xml.apache.org/xalan/java/java.lang.Runtime"/>'
        ),
        "a function of PHP": design(
            "<xsl:value-of select=\"php:function('system', 'id')\" xmlns:php=\"http://php.net/xsl\"/>"
        ),
        "a script of Microsoft's": design(
            '<xsl:value-of select="u:f()" xmlns:u="urn:u"/>',
            before='<msxsl:script xmlns:msxsl="urn:schemas-microsoft-com:xslt" implements-prefix="u" language="C#">'
            'public string f() { return "x"; }</msxsl:script>',
        ),
        "dyn:evaluate": design(
            f"<xsl:copy-of select=\"dyn:evaluate('document(&quot;{file}&quot;)')\"/>".replace("&quot;", "&amp;quot;")
        ),
        "an endless recursion": design(START, before=TEMPLATE.format(CALL)),
        "an endless recursion of templates": design(
            '<xsl:apply-templates select="/" mode="m"/>',
            before='<xsl:template match="/" mode="m"><xsl:apply-templates select="/" mode="m"/></xsl:template>',
        ),
        "an endless recursion of attribute sets": design(
            '<p xsl:use-attribute-sets="a"/>', before='<xsl:attribute-set name="a" use-attribute-sets="a"/>'
        ),
        "an endless recursion of variables": design(
            '<xsl:value-of select="$a"/>',
            before='<xsl:variable name="a" select="$b"/><xsl:variable name="b" select="$a"/>',
        ),
        "an endless recursion of functions": design(
            '<xsl:value-of select="f:f()" xmlns:f="urn:f"/>',
            before='<func:function name="f:f" xmlns:f="urn:f"><func:result select="f:f()"/></func:function>',
        ).replace(' version="1.0" xmlns:xsl', ' extension-element-prefixes="func" version="1.0" xmlns:xsl', 1),
        "nested loops": design(nested_loops(6)),
        "a text that doubles": design(
            '<xsl:call-template name="t"><xsl:with-param name="s" select="\'xxxxxxxx\'"/></xsl:call-template>',
            before=DOUBLE,
        ),
        "a text that is padded": design("<xsl:value-of select=\"str:padding(2000000000, 'x')\"/>"),
        "a giant page": design(nested_loops(3).replace("x</", f"{'x' * 2000}</")),
        "a number format without end": design(f"<xsl:value-of select=\"format-number(1, '{'#,' * 300_000}0')\"/>"),
        "a deep design": design("<p>" * 5000 + "</p>" * 5000),
        "an entity bomb": with_doctype(BOMB, "<p>&e11;</p>"),
        "an entity bomb in an attribute": with_doctype(BOMB, '<p title="&e11;"/>'),
        "an entity within itself": with_doctype('<!DOCTYPE x [<!ENTITY a "&b;"><!ENTITY b "&a;">]>', "<p>&a;</p>"),
        "a message that ends it": design('<xsl:message terminate="yes">x</xsl:message>'),
        "no XSLT": "<html/>",
        "no XML": "%PDF-1.7",
        "nothing": "",
    }
