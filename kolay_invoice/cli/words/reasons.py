"""What became of a call, as the library says it in English, in Turkish; see `library` for the places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

REASONS: Final[Mapping[str, str]] = {
    # What became of a call, as the first words of an error say it.
    "it may have happened: {why}": "gerçekleşmiş olabilir: {why}",
    "no usable answer: {why}": "kullanılabilir yanıt yok: {why}",
    "not sent, for want of a token: {why}": "gönderilmedi, çünkü token alınamadı: {why}",
    "for want of a token: {why}": "token alınamadı: {why}",
    "not sent: {why}": "gönderilmedi: {why}",
    "the provider refused ({answer})": "sağlayıcı reddetti ({answer})",
    "the provider refused ({answer}): {detail}": "sağlayıcı reddetti ({answer}): {detail}",
    "the provider refused ({answer}), which proves nothing": "sağlayıcı reddetti ({answer}), ama bu bir şey kanıtlamaz",
    "the provider refused ({answer}): {detail}, which proves nothing": (
        "sağlayıcı reddetti ({answer}): {detail}; ama bu bir şey kanıtlamaz"
    ),
    # Before anything left.
    "no connection to {place} ({reason})": "{place} adresine bağlanılamadı ({reason})",
    "no connection to {place} within connect_timeout": "{place} adresine bağlantı süresi içinde bağlanılamadı",
    "no connection to {place} within connect_timeout and the deadline": (
        "{place} adresine bağlantı süresi ve çağrı süresi içinde bağlanılamadı"
    ),
    "the name of {place} cannot be resolved": "{place} adı çözümlenemiyor",
    "the client was closed": "istemci kapatıldı",
    "the client was closed while a token was being fetched: make a new one and call again": (
        "token alınırken istemci kapatıldı"
    ),
    "the deadline passed before it could leave": "süre, istek çıkamadan doldu",
    "no slot of the limiter came free within queue_timeout": "bekleme süresi içinde sıra gelmedi",
    "the run is ending": "çalıştırma sona eriyor",
    "its mark in the journal is too old": "gönderim defterindeki gönderim işareti çok eski",
    "the proxy refused to connect ({status})": "vekil sunucu bağlanmayı reddetti ({status})",
    "the proxy cannot be reached": "vekil sunucuya ulaşılamıyor",
    "the certificate of the server does not prove that it is the provider": (
        "sunucunun sertifikası onun sağlayıcı olduğunu kanıtlamıyor"
    ),
    "no TLS with the server ({reason})": "sunucuyla TLS kurulamadı ({reason})",
    "the address or the proxy is not a URL that can be used": "adres ya da vekil sunucu kullanılabilir bir URL değil",
    "KolayBi does not know this Channel": "KolayBi bu Channel'ı tanımıyor",
    "KolayBi does not know this Channel ({detail})": "KolayBi bu Channel'ı tanımıyor ({detail})",
    # After it left.
    "no complete answer came before the deadline": "süre dolmadan tam bir yanıt gelmedi",
    "what came back is not a whole HTTP reply ({kind})": "gelen, bütün bir HTTP yanıtı değil ({kind})",
    "the connection broke before a complete answer came ({kind})": "tam bir yanıt gelmeden bağlantı koptu ({kind})",
    "the reply has an encoding that was not asked for": "yanıt, istenmeyen bir kodlamayla geldi",
    "the compressed reply is damaged": "sıkıştırılmış yanıt bozuk",
    "the compressed reply goes on after its end": "sıkıştırılmış yanıt, bittikten sonra sürüyor",
    "the compressed reply is cut": "sıkıştırılmış yanıt yarım",
    "the reply is larger than any real one": "yanıt, gerçek bir yanıtın olamayacağı kadar büyük",
    "the provider answered with a redirect ({status}), which is never followed": (
        "sağlayıcı yönlendirmeyle yanıtladı ({status}); yönlendirmeler izlenmez"
    ),
    "the provider answered {status} with {why}": "sağlayıcının {status} yanıtı: {why}",
    "the provider answered {status}": "sağlayıcının yanıtı: {status}",
    "no reply that can be read": "okunabilir bir yanıt değil",
    "the provider answered {status} with no refusal in its own words": (
        "{status} yanıtı sağlayıcının kendi ret biçiminde değil"
    ),
    "no data": "veri yok",
    "a no in its field {name} ({word})": "{name} alanı olumsuz ({word})",
    "a no in its field {name}": "{name} alanı olumsuz",
    "an error in its field {name}": "{name} alanında hata var",
    "two values for its field {name}": "{name} alanı iki ayrı değerle geliyor",
    "null in every field that names the result": "sonucu gösteren bütün alanlar boş (null)",
    "success and failure at once": "hem başarı hem hata bildiriyor",
    # What a reply holds.
    "the reply does not fit: {why}": "yanıt beklenen gibi değil: {why}",
    "the reply cannot be read ({kind})": "yanıt okunamıyor ({kind})",
    "it is for another {name}": "başka bir {name} için",
    "it shows no invoice with the invoice_uuid asked for; the sale may have had an invoice before": (
        "istenen invoice_uuid değerine sahip bir fatura göstermiyor; satışın daha önce bir faturası olmuş olabilir"
    ),
    "the body is not JSON that can be read": "gövde okunabilir bir JSON değil",
    "it holds invoices of another document_id than the one asked for": "istenenden başka bir document_id içeriyor",
    "it holds invoices of another direction than the one asked for": "istenenden başka yöndeki faturaları içeriyor",
    "it announces further pages of {why}, which the provider does not document": (
        "başka sayfaları olduğunu bildiriyor ({why}); sağlayıcı bunu belgelememiş"
    ),
    "it holds vaults of another {name} than the one asked for": "istenenden başka {name} değerli kasalar içeriyor",
    "it holds sales of another {name} than the one asked for": "istenenden başka {name} değerli satışlar içeriyor",
    "the provider announces further pages, and {why}": "sağlayıcı başka sayfalar bildiriyor, ama {why}",
    "the same one comes again": "aynı sayfa yeniden geliyor",
    "none comes after {number} rows": "{number} satırdan sonra sayfa gelmiyor",
    "expected a list of movements @ {path}": "hareket listesi bekleniyordu @ {path}",
    "expected a list of rows @ {path}": "satır listesi bekleniyordu @ {path}",
    "expected a list of rows, got {kind} @ {path}": "satır listesi beklenirken {kind} geldi @ {path}",
    "expected {wanted}, got {kind} @ {path}": "{wanted} beklenirken {kind} geldi @ {path}",
    "required field missing @ {path}": "gerekli alan yok @ {path}",
    "not a valid {kind} @ {path}": "geçerli bir {kind} değil @ {path}",
    "it announces pages in a way that makes no sense @ {name}": "sayfaları anlamsız bir biçimde bildiriyor @ {name}",
    "another page came than the one asked for": "istenenden başka bir sayfa geldi",
    "it announces further pages and holds no row itself": "başka sayfalar bildiriyor ama kendisinde satır yok",
    "a page that is not whole HTML": "bütün bir HTML olmayan sayfa",
    "a login page": "giriş sayfası",
    "a page that is larger than any invoice's": "hiçbir faturanın olamayacağı kadar büyük bir sayfa",
    "a page that is not an invoice's": "fatura olmayan bir sayfa",
    "a page in an unexpected character set": "beklenmeyen karakter kümesinde bir sayfa",
    "a page that is not {name}": "{name} olmayan bir sayfa",
    "more than one XML document": "birden çok XML belgesi",
    "no XML document": "XML belgesi yok",
    "something else than a UBL document": "UBL belgesi olmayan bir şey",
    "an XML document that is cut": "yarım kalmış bir XML belgesi",
    "XML that is not the UTF-8 it claims to be": "bildirdiği gibi UTF-8 olmayan XML",
    "a ZIP of {number} XML documents": "{number} XML belgesi içeren bir ZIP",
    "a ZIP that is packed in an unexpected way": "beklenmeyen biçimde sıkıştırılmış bir ZIP",
    "a ZIP that cannot be read": "okunamayan bir ZIP",
    "an XML document beyond all reason": "akla sığmayacak büyüklükte bir XML belgesi",
    # Previews, and files.
    "no browser could be opened here: save the page and open the file, or write a PDF": (
        "burada tarayıcı açılamadı: sayfayı kaydedip dosyayı açın ya da PDF yazdırın"
    ),
    "{name} did not print within {number} seconds: save the page as HTML": (
        "{name} {number} saniyede PDF basamadı: sayfayı HTML olarak kaydedin"
    ),
    (
        "{name} ended with code {number} and wrote no PDF (one from snap cannot read temporary files): name another "
        "program, or save the page as HTML"
    ): (
        "{name} {number} koduyla bitti ve PDF yazmadı (snap ile kurulan, geçici dosyaları okuyamaz): başka bir program "
        "kurun ya da sayfayı HTML olarak kaydedin"
    ),
    (
        "Chromium, Chrome or Edge is not installed here, and a PDF needs it (Debian: apt-get install chromium): "
        "install it, name the program, or save the page as HTML"
    ): (
        "PDF için Chromium, Chrome veya Edge gerekir, burada kurulu değil (Debian: apt-get install chromium): kurun ya "
        "da sayfayı HTML olarak kaydedin"
    ),
    "{name} cannot be run: {reason}": "{name} çalıştırılamıyor: {reason}",
    "{path} holds another document, which is kept: choose another name": (
        "{path} dosyasında başka bir belge var ve korunuyor: başka bir ad seçin"
    ),
    "{what} (at line {number}, column {column})": "satır {number}, sütun {column} TOML'a uymuyor",
    "{what} (at end of document)": "dosyanın sonu TOML'a uymuyor",
    # What the operating system says of files and connections.
    "Connection refused": "bağlantı reddedildi",
    "Connection reset by peer": "karşı taraf bağlantıyı kesti",
    "Network is unreachable": "ağa ulaşılamıyor",
    "No route to host": "adrese giden yol yok",
    "No such file or directory": "böyle bir dosya veya klasör yok",
    "Permission denied": "izin yok",
    "Is a directory": "bu bir klasör",
    "Not a directory": "bu bir klasör değil",
    "File exists": "dosya zaten var",
    "Read-only file system": "dosya sistemi salt okunur",
    "No space left on device": "diskte yer yok",
    "File too large": "dosya çok büyük",
    "Bad file descriptor": "çıktı kapalı",
    "Broken pipe": "okuyan taraf kapandı",
    "Input/output error": "girdi/çıktı hatası",
    "Disk quota exceeded": "disk kotası doldu",
    "Address already in use": "adres kullanımda",
}
