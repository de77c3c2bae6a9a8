"""What is written down about each guess, in English and in Turkish. The usual position comes first."""

from __future__ import annotations

from typing import Final

from kolay_invoice.emulator.guessing import About, Word

DUPLICATES: Final = About(
    question=(
        "A second send or collection of the same document or sale",
        "Aynı belgenin veya satışın ikinci gönderimi, tahsilatı",
    ),
    positions={
        "refuse": ("is refused in the provider's words", "sağlayıcının sözleriyle reddedilir"),
        "execute": ("is carried out again", "yeniden yapılır"),
    },
    word=Word.GUESS,
    source=(
        "no page says; third-party clients know a refusal (412)",
        "hiçbir sayfada yazmaz; üçüncü taraf istemciler bir ret (412) bilir",
    ),
)

FIRST_SEND: Final = About(
    question=("The first send of a document or sale", "Belgenin veya satışın ilk gönderimi"),
    positions={
        "accept": ("is carried out", "yapılır"),
        "refuse": (
            "is refused as already sent: it was made official elsewhere before, and no execution is counted",
            "daha önce gönderilmiş diye reddedilir: başka yerde resmileşmiştir, gönderim sayılmaz",
        ),
    },
    word=Word.PROVIDER,
    source=(
        "the page of e-document/create; that a person can have sent it in the provider's own screens is ours",
        "e-document/create sayfası; sağlayıcının ekranından gönderilmiş olabileceği bizim tahminimiz",
    ),
)

LIST_FILTER: Final = About(
    question=("The filter `document_id` of KolayBi's list", "KolayBi listesinin `document_id` süzgeci"),
    positions={
        "id": ("compares the document's id", "belge id'sini karşılaştırır"),
        "number": ("compares the invoice number", "fatura numarasını karşılaştırır"),
        "ignored": ("is ignored: every row comes", "uygulanmaz: bütün satırlar gelir"),
    },
    word=Word.GUESS,
    source=(
        "the page e-documents/list calls it “Fatura numarası”; it is an integer, and a row's id has the same name",
        "e-documents/list sayfası “Fatura numarası” der; tipi tam sayıdır ve satırdaki id'nin adı da budur",
    ),
)

LIST_LAG: Final = About(
    question=(
        "Seconds for which KolayBi's e-document list and Propars' sale list do not show a send",
        "KolayBi e-belge listesinin ve Propars satış listesinin bir gönderimi göstermediği saniye",
    ),
    word=Word.GUESS,
    source=("nobody has published a time", "hiçbir yerde bir süre yayımlanmamıştır"),
)

LIST_ROWS: Final = About(
    question=("An official document has, in KolayBi's list,", "Resmî belgenin KolayBi listesinde"),
    positions={
        "one": ("one row", "bir satırı vardır"),
        "two": (
            "two rows: `ready_to_send` without a number, then `sent` with one",
            "iki satırı vardır: önce numarasız `ready_to_send`, sonra numaralı `sent`",
        ),
    },
    word=Word.GUESS,
    source=(
        "the page e-documents/list shows one row; that there is never a second is ours",
        "e-documents/list sayfası bir satır gösterir; ikincisinin hiç olmadığı bizim tahminimiz",
    ),
)

DETAIL: Final = About(
    question=("The detail of an invoice, `GET /invoices/{id}`,", "Fatura detayı, `GET /invoices/{id}`,"),
    positions={
        "full": ("shows the invoice as it is", "faturayı olduğu gibi gösterir"),
        "missing": ("is 404", "404'tür"),
        "forbidden": ("is 403", "403'tür"),
        "html": ("is an HTML page with status 200", "200 ile gelen bir HTML sayfasıdır"),
        "without_number": ("has no number", "numara içermez"),
        "without_uuid": ("has no uuid", "uuid içermez"),
        "without_status": ("has no status", "durum içermez"),
        "draft_with_uuid": ("says draft, with a uuid and without a number", "numarasız ve uuid'li taslak der"),
        "other_document": ("names another document's id", "başka bir belgenin id'sini taşır"),
    },
    word=Word.GUESS,
    source=(
        "working clients read it; its page was not seen",
        "çalışan istemciler okur; sayfası görülmedi",
    ),
)

MOVEMENTS_LISTED: Final = About(
    question=("Each collection has, in its vault's list,", "Her tahsilatın, kasasının hareket listesinde"),
    positions={
        "one": ("one movement", "bir hareketi vardır"),
        "none": ("none", "hareketi yoktur"),
        "two": ("two movements of the amount", "o tutarda iki hareketi vardır"),
    },
    word=Word.GUESS,
    source=(
        "the page vaults/transactions has the path only; the reply is known from one client's mock",
        "vaults/transactions sayfasında yalnızca yol var; yanıt bir istemcinin sahte verisinden bilinir",
    ),
)

XML_CONTAINER: Final = About(
    question=("The signed XML of Propars comes", "Propars'ın imzalı XML'i"),
    positions={
        "raw": ("as it is", "olduğu gibi gelir"),
        "json_text": ("as a JSON text", "JSON metni olarak gelir"),
        "json_base64": ("in a member of a JSON object, as base64", "JSON nesnesinin bir alanında base64 gelir"),
        "json_xml": ("in a member of a JSON object, as text", "JSON nesnesinin bir alanında metin gelir"),
        "zip": ("in a ZIP", "ZIP içinde gelir"),
    },
    word=Word.GUESS,
    source=("the page get_signed_xml names no container", "get_signed_xml sayfası kap belirtmez"),
)

XML_LAG: Final = About(
    question=(
        "Seconds after a send for which there is no signed XML yet: 404 in the provider's words",
        "Gönderimden sonra imzalı XML'in henüz bulunmadığı saniye: sağlayıcının sözleriyle 404",
    ),
    word=Word.GUESS,
    source=("nothing says that send waits for the signature", "send çağrısının imzayı beklediği yazmaz"),
)

XML_AFTER_CANCEL: Final = About(
    question=("After a cancellation the old signed XML", "İptalden sonra eski imzalı XML"),
    positions={
        "by_invoice": (
            "is found by its invoice's id, no longer by the sale",
            "fatura id'siyle bulunur, satışla artık bulunmaz",
        ),
        "stays": ("is found by the sale too, until a new one is there", "yenisi gelene kadar satışla da bulunur"),
        "goes": ("is found by neither", "ikisiyle de bulunmaz"),
    },
    word=Word.GUESS,
    source=("the page cancel_invoice says nothing of it", "cancel_invoice sayfası bundan söz etmez"),
)

CHAR_CODE: Final = About(
    question=("The form of `invoice_char_code`", "`invoice_char_code` değerinin biçimi"),
    positions={
        "three": ("three of A-Z and 0-9, the number's prefix", "A-Z ve 0-9'dan üç karakter: numaranın ön eki"),
        "two": ("two of A-Z and 0-9", "A-Z ve 0-9'dan iki karakter"),
        "any": ("any text", "herhangi bir metin"),
        "ignored": ("it is ignored", "dikkate alınmaz"),
    },
    word=Word.GUESS,
    source=("its page describes it as “??”", "sayfası onu “??” diye açıklar"),
)

PREVIEW: Final = About(
    question=("`invoice_html_for_sale` answers", "`invoice_html_for_sale` yanıtı"),
    positions={
        "page": ("the invoice as a page", "sayfa olarak faturadır"),
        "error_page": (
            "with status 200 a page of an error with a request id (a UUID); no invoice is created",
            "200 ile, istek numarası (UUID) taşıyan bir hata sayfasıdır; fatura oluşmaz",
        ),
        "error_page_after": (
            "with status 200 the same page after the invoice was created",
            "200 ile aynı sayfadır, ama fatura oluşmuştur",
        ),
    },
    word=Word.PROVIDER,
    source=(
        "the page invoice_html_for_sale; that an error always has another status is ours",
        "invoice_html_for_sale sayfası; hatanın hep başka bir durum koduyla geldiği bizim tahminimiz",
    ),
)
