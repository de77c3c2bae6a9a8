"""Why a document that was read back decides nothing, in Turkish; see `library` for the places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

READ_BACKS: Final[Mapping[str, str]] = {
    "the document is larger than {number} MiB, as no invoice is": (
        "belge {number} MiB'tan büyük; hiçbir fatura bu kadar büyük olmaz"
    ),
    "the document is no XML, or has a DTD, which no invoice needs": (
        "belge XML değil ya da hiçbir faturaya gerekmeyen bir DTD içeriyor"
    ),
    "the document is in an unexpected encoding": "belgenin karakter kodlaması beklenmedik",
    "the document is not in the encoding that it declares": "belge, belirttiği karakter kodlamasında değil",
    "the document is not well-formed XML: it may be cut": "belge düzgün bir XML değil: yarım kalmış olabilir",
    "the document is no UBL invoice but an application response": "belge bir UBL faturası değil, bir uygulama yanıtı",
    "the document is no UBL invoice but a credit note": "belge bir UBL faturası değil, bir iade belgesi (CreditNote)",
    "the document is no UBL invoice but a despatch advice": "belge bir UBL faturası değil, bir irsaliye",
    "the document is no UBL invoice but a receipt advice": "belge bir UBL faturası değil, bir irsaliye yanıtı",
    "the document is no UBL invoice but an envelope": "belge bir UBL faturası değil, bir zarf",
    "the document is no UBL invoice but something else": "belge bir UBL faturası değil, başka bir şey",
    "the document is deeper or has more elements than any invoice": (
        "belge, hiçbir faturada olmayacak kadar derin ya da çok öğeli"
    ),
    "the document declares more namespaces than any invoice": (
        "belge, hiçbir faturada olmayacak kadar çok ad alanı içeriyor"
    ),
    "the document has two elements {name} where one belongs": (
        "belgede tek olması gereken {name} öğesinden iki tane var"
    ),
    "the document's {name} is longer than any": "belgenin {name} öğesi gereğinden uzun",
    "the document's {name} holds more than its text": "belgenin {name} öğesinde metninden başka şeyler de var",
    "the invoice has no {name} of its own": "faturanın kendi {name} öğesi yok",
    "the invoice's customization is not UBL-TR's": "faturanın uyarlaması (CustomizationID) UBL-TR'nin değil",
    "the invoice's ETTN is no UUID": "faturanın ETTN'si bir UUID değil",
    "the invoice's number is not of the form of an invoice number": (
        "faturanın numarası, fatura numarası biçiminde değil"
    ),
    "the invoice is not signed: it is a draft, or its signature is not where UBL-TR has it": (
        "fatura imzasız: bir taslak, ya da imzası UBL-TR'deki yerinde değil"
    ),
}
