"""The words of `kolay-invoice doctor`: above all what is assumed of the providers, one sentence each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

DOCTOR: Final[Mapping[str, tuple[str, str]]] = {
    "doctor.skipped": ("{provider} is left out: {why}", "{provider} atlandı: {why}"),
    "doctor.asking": ("{provider}: {count} answers so far …", "{provider}: şimdiye kadar {count} yanıt …"),
    "doctor.intro": (
        (
            "What this package assumes of the providers, and what was seen of it. Only reads were made. The report "
            "holds no credential and no data of buyers: numbers, and names of members, are all that came from the "
            "provider."
        ),
        (
            "Bu paketin sağlayıcılar hakkındaki varsayımları ve bunlardan görülenler. Yalnızca okuma yapıldı. Raporda "
            "kimlik bilgisi ve alıcı verisi yoktur: sağlayıcıdan gelen yalnızca sayılar ve alan adlarıdır."
        ),
    ),
    "doctor.counts": (
        "{held} held, {not_held} did not, {not_seen} could not be seen.",
        "{held} doğrulandı, {not_held} doğrulanmadı, {not_seen} görülemedi.",
    ),
    "doctor.not_reached": (
        "The provider could not be reached, so nothing could be seen: check the address and the network.",
        "Sağlayıcıya ulaşılamadı, bu yüzden hiçbir şey görülemedi: adresi ve ağı kontrol edin.",
    ),
    "doctor.not_let_in": (
        "The provider did not let the reads in, so hardly anything could be seen: check the credentials.",
        "Sağlayıcı okumalara izin vermedi, bu yüzden neredeyse hiçbir şey görülemedi: kimlik bilgilerini kontrol edin.",
    ),
    "doctor.verdict.held": ("Held", "Doğrulandı"),
    "doctor.verdict.not_held": ("Did not hold: please report", "Doğrulanmadı: lütfen bildirin"),
    "doctor.verdict.not_seen": ("Could not be seen", "Görülemedi"),
    # Both providers.
    "doctor.readable": (
        "Every reply to a read has the form that the package reads.",
        "Okumalara gelen her yanıt paketin okuyabildiği biçimdedir.",
    ),
    "doctor.framed": (
        "Every reply says where it ends (Content-Length or chunks).",
        "Her yanıt nerede bittiğini söyler (Content-Length veya chunk).",
    ),
    "doctor.no_redirect": ("No call is answered with a redirect.", "Hiçbir çağrı yönlendirmeyle yanıtlanmaz."),
    "doctor.retry_after": ("A 429 comes with Retry-After.", "429 yanıtı Retry-After ile gelir."),
    # The guesses of both.
    "doctor.guesses": ("Guesses", "Tahminler"),
    "doctor.guesses_why": (
        (
            "What no page says, or what is said and unproven. Most of it no read can prove: then it is assumed. Each "
            "can be tried the other way with the emulator's switch of the same name."
        ),
        (
            "Hiçbir sayfanın söylemediği ya da söylenip kanıtlanmamış olanlar. Çoğunu hiçbir okuma kanıtlayamaz: o "
            "zaman varsayılır. Her birinin tersi, emülatörün aynı adlı anahtarıyla denenebilir."
        ),
    ),
    "doctor.guessed.held": ("seen to hold", "doğrulandığı görüldü"),
    "doctor.guessed.not_held": ("seen to fail", "doğrulanmadığı görüldü"),
    "doctor.guessed.not_seen": ("assumed", "varsayılıyor"),
    "doctor.guess.duplicates": (
        "A second send of the same document or sale is refused.",
        "Aynı belgenin veya satışın ikinci gönderimi reddedilir.",
    ),
    "doctor.guess.first_send": (
        "A first send is not refused as already sent.",
        "İlk gönderim, daha önce gönderilmiş diye reddedilmez.",
    ),
    "doctor.guess.list_filter": (
        "The list's filter `document_id` means the document's id.",
        "Listenin `document_id` süzgeci belgenin id'si demektir.",
    ),
    "doctor.guess.list_lag": (
        "The list shows a send at once.",
        "Liste bir gönderimi hemen gösterir.",
    ),
    "doctor.guess.list_rows": (
        "A document has one row in the list.",
        "Belgenin listede bir satırı vardır.",
    ),
    "doctor.guess.detail": (
        "The detail of an official document shows its uuid (ETTN), its number and its status.",
        "Resmî belgenin detayı uuid (ETTN), numara ve durumunu gösterir.",
    ),
    "doctor.guess.movements_listed": (
        "The movements of a vault can be read, and a collection is one of them.",
        "Kasanın hareketleri okunabilir ve bir tahsilat bunlardan biridir.",
    ),
    "doctor.guess.xml_container": (
        "The signed XML comes as it is, in no container.",
        "İmzalı XML bir kap içinde değil, olduğu gibi gelir.",
    ),
    "doctor.guess.xml_lag": (
        "A sale that was sent has its signed XML at once.",
        "Gönderilmiş satışın imzalı XML'i hemen vardır.",
    ),
    "doctor.guess.xml_after_cancel": (
        "After a cancellation the signed XML is found by its invoice's id only.",
        "İptalden sonra imzalı XML yalnızca fatura id'siyle bulunur.",
    ),
    "doctor.guess.char_code": (
        "`invoice_char_code` is the prefix of the number: three of A-Z and 0-9.",
        "`invoice_char_code` numaranın ön ekidir: A-Z ve 0-9'dan üç karakter.",
    ),
    "doctor.guess.preview": (
        "Only an invoice is answered to `invoice_html_for_sale` with status 200.",
        "`invoice_html_for_sale` çağrısına 200 ile yalnızca fatura gelir.",
    ),
    # KolayBi.
    "doctor.token_is_text": (
        "The reply to the api key holds the token as a plain text in `data`.",
        "API anahtarına gelen yanıtın `data` alanı düz metin olarak token'dır.",
    ),
    "doctor.token_has_no_end": (
        "That reply says no time at which the token ends.",
        "Bu yanıt token'ın bitiş zamanını söylemez.",
    ),
    "doctor.headers_accepted": (
        "Calls with a Bearer token and the Channel are let in.",
        "Bearer token ve Channel ile yapılan çağrılar kabul edilir.",
    ),
    "doctor.envelope": (
        "An accepted call is answered with `data`, and with `success: true` or without `success`.",
        "Kabul edilen çağrının yanıtında `data` vardır; `success` ya `true`dur ya da yoktur.",
    ),
    "doctor.error_envelope": (
        "A refusal has `success`, `code` and `message`.",
        "Ret yanıtında `success`, `code` ve `message` vardır.",
    ),
    "doctor.error_code": (
        "The `code` of a refusal is 10000 and the HTTP status.",
        "Ret yanıtının `code` değeri 10000 ile HTTP durumunun toplamıdır.",
    ),
    "doctor.refused_with_200": (
        "A refusal comes with a failing HTTP status, not with 200.",
        "Ret yanıtı 200 ile değil, hata durum koduyla gelir.",
    ),
    "doctor.wrong_channel": (
        "A Channel that is not known is answered with 404.",
        "Bilinmeyen Channel 404 ile yanıtlanır.",
    ),
    "doctor.company_members": (
        "A company has the members of the provider's page.",
        "Şirket kaydında sağlayıcının sayfasındaki alanlar vardır.",
    ),
    "doctor.resendable_spelling": (
        "Whether a company may resend stands in `is_invoice_resendble`, spelt like this, as a truth value.",
        "Yeniden gönderim izni, bu yazımla, `is_invoice_resendble` alanında doğru/yanlış değeridir.",
    ),
    "doctor.row_members": (
        "An invoice of the list has the members of the provider's page, under the page's names.",
        "Listedeki fatura satırında sağlayıcının sayfasındaki alanlar, oradaki adlarıyla vardır.",
    ),
    "doctor.sets_are_texts": (
        "Status, scenario, type and direction are texts, not objects.",
        "Durum, senaryo, tip ve yön nesne değil metindir.",
    ),
    "doctor.amounts_are_numbers": ("Amounts are JSON numbers.", "Tutarlar JSON sayısıdır."),
    "doctor.currencies": ("Currencies are codes of three letters.", "Para birimleri üç harfli kodlardır."),
    "doctor.official_has_ettn": (
        "An invoice that has a number has a uuid (ETTN) too.",
        "Numarası olan faturanın uuid değeri (ETTN) de vardır.",
    ),
    "doctor.paging": (
        "The list announces further pages in a way that the package knows, or none.",
        "Liste, başka sayfa varsa bunu paketin bildiği bir biçimde bildirir.",
    ),
    "doctor.next_page": (
        "A further page that is announced can be fetched with `page`.",
        "Bildirilen sonraki sayfa `page` ile alınabilir.",
    ),
    "doctor.filter_document": (
        "The filter `document_id` leaves only that document.",
        "`document_id` süzgeci yalnızca o belgeyi bırakır.",
    ),
    "doctor.filter_date": (
        "The filter `min_issue_date` is heeded: from next year on there are no invoices.",
        "`min_issue_date` süzgeci uygulanır: gelecek yıldan sonrası için fatura gelmez.",
    ),
    "doctor.missing_document": (
        "A document that does not exist gives an empty list, or 404.",
        "Olmayan belge boş liste veya 404 verir.",
    ),
    "doctor.token_lives_a_day": (
        "A token lives for 24 hours. (A visit is too short to see it.)",
        "Token 24 saat yaşar. (Bunu görmek için bu inceleme çok kısa.)",
    ),
    "doctor.effects_of_kolaybi": (
        "The replies to create-e-document, resend and proceed. (They have an effect, so they are never called here.)",
        "create-e-document, resend ve proceed yanıtları. (Sonuç doğurdukları için burada hiç çağrılmazlar.)",
    ),
    # Propars.
    "doctor.auth_token": (
        "The reply to user name and password holds `token` and `expire_date`.",
        "Kullanıcı adı ve parolaya gelen yanıtta `token` ve `expire_date` vardır.",
    ),
    "doctor.expire_date": (
        "`expire_date` is ISO 8601 with an offset.",
        "`expire_date` ISO 8601 biçimindedir ve saat farkını içerir.",
    ),
    "doctor.token_accepted": (
        "Calls with `Authorization: Token` are let in, and signed XML is asked for with GET.",
        "`Authorization: Token` ile yapılan çağrılar kabul edilir ve imzalı XML GET ile istenir.",
    ),
    "doctor.error_shape": (
        "A refusal is JSON with `detail`, or with lists of texts by field.",
        "Ret yanıtı, `detail` içeren veya alan adlarına göre metin listeleri içeren JSON'dur.",
    ),
    "doctor.missing_sale": ("A sale that does not exist gives 404.", "Olmayan satış 404 verir."),
    "doctor.signed_is_raw": (
        "The signed XML comes as it is, in no container.",
        "İmzalı XML bir kap içinde değil, olduğu gibi gelir.",
    ),
    "doctor.signed_is_whole": (
        "It is one whole UBL document that the package finds.",
        "Paketin bulabildiği, bütün ve tek bir UBL belgesidir.",
    ),
    "doctor.signature_place": (
        "The signature stands in the first extension of the document.",
        "İmza belgenin ilk uzantısında yer alır.",
    ),
    "doctor.signature_method": (
        "It is RSA with SHA-256 or ECDSA with SHA-256 or SHA-384.",
        "İmza yöntemi SHA-256 ile RSA ya da SHA-256 veya SHA-384 ile ECDSA'dır.",
    ),
    "doctor.ubl_tr": ("The document is UBL-TR 1.2.", "Belge UBL-TR 1.2'dir."),
    "doctor.filter_sent": (
        "The filter `invoice_sent` is heeded, and every sale of the list says whether its invoice was sent.",
        "`invoice_sent` süzgeci uygulanır ve listedeki her satış faturasının gönderilip gönderilmediğini söyler.",
    ),
    "doctor.sale_invoice_official": (
        "The invoice of a sale that was sent shows its uuid (ETTN) and its number.",
        "Gönderilmiş satışın faturası uuid (ETTN) ve numarasını gösterir.",
    ),
    "doctor.ettn": ("The document has a UUID (ETTN).", "Belgenin bir UUID'si (ETTN) vardır."),
    "doctor.effects_of_propars": (
        "The replies to send, html and cancel. (They have an effect, so they are never called here.)",
        "send, html ve cancel yanıtları. (Sonuç doğurdukları için burada hiç çağrılmazlar.)",
    ),
}
