"""The words of one call: what is about to happen, what happened, what went wrong and where to look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

CALLS: Final[Mapping[str, tuple[str, str]]] = {
    # What went wrong with a call: what happened, whether it may have, what to do next.
    "error.authentication": (
        "{call} was refused{answer}: the provider does not accept these credentials. Nothing was executed.",
        "{call} reddedildi{answer}: sağlayıcı bu kimlik bilgilerini kabul etmiyor. Hiçbir işlem yapılmadı.",
    ),
    "error.authentication.next": (
        "Check the credentials and what they are allowed to do.",
        "Kimlik bilgilerini ve yetkilerini kontrol edin.",
    ),
    "error.not_found": (
        (
            "{call} was refused{answer}: the provider knows no such document, sale, vault or company. "
            "Nothing was executed."
        ),
        "{call} reddedildi{answer}: sağlayıcıda böyle bir belge, satış, kasa veya şirket yok. Hiçbir işlem yapılmadı.",
    ),
    "error.not_found.next": (
        "Check the id, and that it belongs to this account.",
        "Numarayı ve bu hesaba ait olduğunu kontrol edin.",
    ),
    "error.invalid_request": (
        (
            "{call} was refused{answer}: a field, or the state of the document, is not as it should be. "
            "Nothing was executed."
        ),
        "{call} reddedildi{answer}: bir alan veya belgenin durumu uygun değil. Hiçbir işlem yapılmadı.",
    ),
    "error.invalid_request.next": (
        "Mend the request or the document, as the provider says.",
        "İsteği veya belgeyi sağlayıcının belirttiği gibi düzeltin.",
    ),
    "error.rate_limited": (
        "{call} was refused{answer}: too many calls. Nothing was executed.",
        "{call} reddedildi{answer}: çok fazla istek yapıldı. Hiçbir işlem yapılmadı.",
    ),
    "error.rate_limited.next": ("Run it again later.", "Daha sonra yeniden çalıştırın."),
    "error.retry_after": (
        "The provider asks to wait {seconds} seconds.",
        "Sağlayıcı {seconds} saniye beklenmesini istiyor.",
    ),
    "error.refused": (
        "{call} was refused{answer}. Nothing was executed.",
        "{call} reddedildi{answer}. Hiçbir işlem yapılmadı.",
    ),
    "error.refused.next": ("Mend what the provider names.", "Sağlayıcının belirttiği nedeni giderin."),
    "error.configuration": (
        "{call} cannot work as things are set up{answer}. Nothing was executed.",
        "{call} bu ayarlarla çalışamaz{answer}. Hiçbir işlem yapılmadı.",
    ),
    "error.configuration.next": (
        "Mend the configuration: repeating the call cannot help.",
        "Ayarları düzeltin: isteği yinelemek işe yaramaz.",
    ),
    "error.channel.next": (
        "Check the Channel: KOLAYBI_CHANNEL, or kolaybi.channel of the profile.",
        "Channel değerini kontrol edin: KOLAYBI_CHANNEL ya da profilin kolaybi.channel ayarı.",
    ),
    "error.not_sent": (
        "{call} was not sent{answer}: no byte of it left this machine.",
        "{call} gönderilmedi{answer}: isteğin tek bir baytı bile bu makineden çıkmadı.",
    ),
    "error.not_sent.next": ("Running it again is safe.", "Yeniden çalıştırmak güvenlidir."),
    "error.unknown": (
        (
            "The outcome of {call} is unknown{answer}: it was sent, and no trustworthy answer came back. "
            "It may have happened at the provider."
        ),
        (
            "{call} işleminin sonucu bilinmiyor{answer}: istek gönderildi, ancak güvenilir bir yanıt gelmedi. "
            "İşlem sağlayıcıda gerçekleşmiş olabilir."
        ),
    ),
    "error.unknown.next": ("Do not simply run it again.", "Bakmadan yeniden çalıştırmayın."),
    "error.unexpected": (
        "{call} brought no usable answer{answer}. Nothing was changed by asking.",
        "{call} kullanılabilir bir yanıt getirmedi{answer}. Sormak hiçbir şeyi değiştirmedi.",
    ),
    "error.unexpected.next": ("Running it again is safe.", "Yeniden çalıştırmak güvenlidir."),
    "error.said": ("The provider says: “{detail}”", "Sağlayıcının yanıtı: “{detail}”"),
    "error.code": ("code {code}", "kod {code}"),
    "error.technically": ("(Technically: {reason}.)", "(Teknik ayrıntı: {reason}.)"),
    "error.interrupted": (
        (
            "Interrupted while {call} was on its way: the outcome is unknown, and it may have happened at the "
            "provider. Do not simply run it again."
        ),
        (
            "{call} yoldayken kesildi: sonucu bilinmiyor, işlem sağlayıcıda gerçekleşmiş olabilir. "
            "Bakmadan yeniden çalıştırmayın."
        ),
    ),
    # Where to look when the outcome of a call is unknown.
    "look_up.create_e_document": (
        "Look at the document after a few minutes: kolay-invoice kolaybi invoice NUMBER",
        "Birkaç dakika sonra belgeye bakın: kolay-invoice kolaybi invoice NUMARA",
    ),
    "look_up.resend": (
        "Look at the document after a few minutes: kolay-invoice kolaybi invoice NUMBER",
        "Birkaç dakika sonra belgeye bakın: kolay-invoice kolaybi invoice NUMARA",
    ),
    "look_up.proceed": (
        (
            "Look at the movements of the vault: kolay-invoice kolaybi vault-transactions NUMBER. They are evidence "
            "and no proof, because none of them names the document."
        ),
        (
            "Kasa hareketlerine bakın: kolay-invoice kolaybi vault-transactions NUMARA. Bunlar ipucudur, kanıt "
            "değildir; çünkü hiçbiri belgeyi belirtmez."
        ),
    ),
    "look_up.invoice_html_for_sale": (
        "Look in Propars whether the sale has an invoice now.",
        "Satışın artık bir faturası olup olmadığına Propars'ta bakın.",
    ),
    "look_up.send_invoice": (
        "Ask for the signed XML after a few minutes (kolay-invoice propars xml): if there is one, it was sent.",
        "Birkaç dakika sonra imzalı XML'i isteyin (kolay-invoice propars xml): varsa fatura gönderilmiştir.",
    ),
    "look_up.cancel_invoice": (
        "Look at the sale in Propars first: a second cancel could hit a newer invoice of the same sale.",
        "Önce Propars'ta satışa bakın: ikinci bir iptal, aynı satışın daha yeni bir faturasını iptal edebilir.",
    ),
    # Where to look when a refusal can mean that it was done before.
    "sent_before.create_e_document": (
        "If it was sent before, kolay-invoice kolaybi invoice NUMBER shows its ETTN and number.",
        "Daha önce gönderildiyse ETTN'sini ve numarasını kolay-invoice kolaybi invoice NUMARA gösterir.",
    ),
    "sent_before.resend": (
        "If it was sent before, kolay-invoice kolaybi invoice NUMBER shows its ETTN and number.",
        "Daha önce gönderildiyse ETTN'sini ve numarasını kolay-invoice kolaybi invoice NUMARA gösterir.",
    ),
    "sent_before.send_invoice": (
        "If it was sent before, kolay-invoice propars xml shows its ETTN and number.",
        "Daha önce gönderildiyse ETTN'sini ve numarasını kolay-invoice propars xml gösterir.",
    ),
    # What is about to happen.
    "about.create_e_document": (
        "About to send an invoice to the tax authority (GİB): {what}",
        "Fatura GİB'e gönderilecek: {what}",
    ),
    "about.resend": (
        "About to send a failed invoice to the tax authority (GİB) again: {what}",
        "Gönderilemeyen fatura GİB'e yeniden gönderilecek: {what}",
    ),
    "about.proceed": (
        "About to collect an invoice (all that remains, unless an amount is named): {what}",
        "Fatura tahsil edilecek (tutar verilmemişse kalanın tamamı): {what}",
    ),
    "about.invoice_html_for_sale": (
        "About to show the invoice of a sale, which creates it when there is none: {what}",
        "Satışın faturası gösterilecek; faturası yoksa oluşturulacak: {what}",
    ),
    "about.send_invoice": (
        "About to send the invoice of a sale to the tax authority (GİB): {what}",
        "Satışın faturası GİB'e gönderilecek: {what}",
    ),
    "about.cancel_invoice": (
        "About to cancel the invoice that a sale has now: {what}",
        "Satışın şu anki faturası iptal edilecek: {what}",
    ),
    "about.provider": ("  at {provider}, {origin} ({kind})", "  hedef: {provider}, {origin} ({kind})"),
    "about.account": ("  with the credentials of {source}", "  kimlik bilgileri: {source}"),
    "about.effect.creates": (
        "An invoice that is created this way is not yet official; one that was sent before is shown as well.",
        "Bu yolla oluşturulan fatura henüz resmî değildir; daha önce gönderilmiş fatura da gösterilir.",
    ),
    "about.effect.irreversible": ("This cannot be undone.", "Bu işlem geri alınamaz."),
    "about.effect.money": (
        "This books a movement of money, and no movement of a vault names its document.",
        "Bu işlem kasa hareketi oluşturur; kasa hareketleri hangi belgeye ait olduğunu belirtmez.",
    ),
    "about.effect.cancels": ("This cannot be undone.", "Bu işlem geri alınamaz."),
    "host.sandbox": ("sandbox", "test ortamı"),
    "host.production": ("PRODUCTION", "CANLI ORTAM"),
    "host.production_only": ("PRODUCTION: Propars has no sandbox", "CANLI ORTAM: Propars'ın test ortamı yoktur"),
    "host.loopback": ("this machine", "bu makine"),
    "host.other": ("not a host of the provider", "sağlayıcının adresi değil"),
    "source.environment": ("the environment ({prefix}_* variables)", "ortam değişkenleri ({prefix}_*)"),
    "source.profile": ("the profile {profile}", "{profile} profili"),
    "dry_run": (
        "Nothing was sent. It would go to: {kind}; with the credentials of {source}.",
        "Hiçbir şey gönderilmedi. Gideceği yer: {kind}; kimlik bilgileri: {source}.",
    ),
    # What was done.
    "done.create_e_document": (
        "Document {document_id} was sent to the tax authority.",
        "{document_id} numaralı belge GİB'e gönderildi.",
    ),
    "done.resend": ("The invoice was sent again.", "Fatura yeniden gönderildi."),
    "done.proceed": ("The invoice was collected.", "Fatura tahsil edildi."),
    "done.send_invoice": ("The invoice was sent to the tax authority.", "Fatura GİB'e gönderildi."),
    "done.cancel_invoice": ("The invoice was cancelled.", "Fatura iptal edildi."),
    # What was seen.
    "seen.official": (
        "The invoice has an ETTN and a number, as an official one has. Its status:",
        "Faturanın, resmî bir faturada olduğu gibi, ETTN'i ve numarası var. Durumu:",
    ),
    "seen.not_official": (
        "Nothing here shows that the invoice is official; that proves nothing by itself.",
        "Burada faturanın resmî olduğunu gösteren bir şey yok; bu tek başına bir şey kanıtlamaz.",
    ),
    "seen.sale": ("The sale, as far as Propars tells:", "Propars'ın bildirdiği kadarıyla satış:"),
    "seen.sale_invoice": ("The invoice, as far as Propars tells:", "Propars'ın bildirdiği kadarıyla fatura:"),
    "vault_total": ("Total: {amount} {currency}", "Toplam: {amount} {currency}"),
    "movements_prove_nothing": (
        "No movement names the document that it is for: this is evidence, and no proof.",
        "Hiçbir hareket ait olduğu belgeyi belirtmez: bunlar ipucudur, kanıt değildir.",
    ),
}
