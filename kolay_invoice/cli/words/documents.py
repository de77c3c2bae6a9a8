"""The words of previews and signed documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

DOCUMENTS: Final[Mapping[str, tuple[str, str]]] = {
    # Files and previews.
    "saved": ("Written to {path} ({size} bytes).", "{path} dosyasına yazıldı ({size} bayt)."),
    "file_exists": (
        "{path} exists already: choose another name, or remove it.",
        "{path} zaten var: başka bir ad seçin ya da dosyayı silin.",
    ),
    "saved_to": ("Written to {path}.", "{path} dosyasına yazıldı."),
    "no_folder": ("{path} is no folder that can be written to.", "{path} yazılabilir bir klasör değil."),
    "preview.opening": (
        "The preview opens in the browser: {path}.",
        "Önizleme tarayıcıda açılıyor: {path}.",
    ),
    "preview.lost": (
        (
            "The preview came, so the sale has an invoice now, but it could not be shown: {told}. Asking again shows "
            "the same invoice."
        ),
        (
            "Önizleme geldi, yani satışın artık bir faturası var; ancak gösterilemedi: {told}. Yeniden isterseniz aynı "
            "fatura gösterilir."
        ),
    ),
    # Signed documents.
    "xml.holds": (
        "The signature holds: the document is what was signed.",
        "İmza geçerli: belge imzalandığı gibi duruyor.",
    ),
    "xml.anybody": (
        (
            "Only that is proven. Who signed is not: the certificate is the one that the document carries, and "
            "anybody can make one. Say who may sign with --certificate or --trust-store."
        ),
        (
            "Kanıtlanan yalnızca budur. Kimin imzaladığı kanıtlanmadı: sertifika belgenin içinden geldi ve herkes bir "
            "sertifika üretebilir. Kimin imzalayabileceğini --certificate veya --trust-store ile belirtin."
        ),
    ),
    "xml.refused": ("The document is not accepted: {told}", "Belge kabul edilmedi: {told}"),
    "xml.one_trust": (
        "Give either --certificate or --trust-store.",
        "--certificate veya --trust-store seçeneklerinden yalnızca birini verin.",
    ),
    "xml.needs_verify": (
        "--certificate and --trust-store go with --verify. Nothing was sent.",
        "--certificate ve --trust-store yalnızca --verify ile kullanılır. Hiçbir şey gönderilmedi.",
    ),
    "xml.UnsafeDocumentError": (
        "It has a DTD or is beyond the bounds of any invoice.",
        "İçinde DTD var veya hiçbir faturanın olamayacağı kadar büyük.",
    ),
    "xml.NotAnInvoiceError": (
        "It is no UBL-TR invoice that can be read without guessing.",
        "Tahmine yer bırakmadan okunabilen bir UBL-TR faturası değil.",
    ),
    "xml.OtherInvoiceError": (
        "It is an invoice with another ETTN than the one asked for.",
        "İstenenden farklı bir ETTN'ye sahip bir fatura.",
    ),
    "xml.SignatureError": (
        "The signature does not prove what the document says.",
        "İmza belgenin söylediklerini kanıtlamıyor.",
    ),
    "xml.MissingSignatureError": ("It has no signature.", "İmzası yok."),
    "xml.WrappedSignatureError": (
        "The signature is not where UBL-TR has it, or does not cover the whole document.",
        "İmza UBL-TR'deki yerinde değil veya belgenin tamamını kapsamıyor.",
    ),
    "xml.UnsupportedAlgorithmError": (
        "The signature uses a method that is not accepted as a proof.",
        "İmza, kanıt sayılmayan bir yöntem kullanıyor.",
    ),
    "xml.UntrustedSignerError": (
        "The signer is not the one that may sign, or nobody trusted vouches for the certificate.",
        "İmzalayan, beklenen kişi değil veya sertifikasına güvenilen kimse kefil değil.",
    ),
    "xml.TamperedError": (
        "It is not what was signed: it was changed, or saved anew by a program, after it was signed.",
        "İmzalanan belge bu değil: imzadan sonra değiştirilmiş veya bir programla yeniden kaydedilmiş.",
    ),
}
