"""What the library says in English, in Turkish. The English sentence with its places is the key.

`{why}` is a sentence of this table itself; `{name}`, `{kind}` and `{number}` are one word; the others are any text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kolay_invoice.cli.words.databases import DATABASES
from kolay_invoice.cli.words.read_backs import READ_BACKS
from kolay_invoice.cli.words.reasons import REASONS

ARGUMENTS: Final[Mapping[str, str]] = {
    # What a caller may pass.
    "{name} must be an int, not {kind}": "{name} bir tam sayı olmalıdır; verilen tür: {kind}",
    "{name} must be a str, not {kind}": "{name} bir metin olmalıdır; verilen tür: {kind}",
    "{name} must be a positive whole number below 2**63": "{name} en çok 19 basamaklı, pozitif bir tam sayı olmalıdır",
    "{name} must have 1 to {number} characters and no blanks around them": (
        "{name} 1 ile {number} karakter arasında olmalı, başında ve sonunda boşluk bulunmamalıdır"
    ),
    "{name} must not hold control characters": "{name} denetim karakteri içermemelidir",
    "{name} must not hold '#', '?' or a path segment '.' or '..': name the sale by its sale_id": (
        "{name} içinde '#', '?' ya da '.' veya '..' yol parçası bulunamaz: satışı sale_id ile belirtin"
    ),
    "{name} must be 16 characters: 3 of A-Z0-9, the year 20.., 9 digits (ABC2026000000001)": (
        "{name} 16 karakter olmalıdır: 3 harf ya da rakam (A-Z0-9), yıl (20..), 9 rakam (ABC2026000000001)"
    ),
    "give exactly one of {names}": "şunlardan yalnızca birini verin: {names}",
    "{name} has no meaning together with {other}": "{other} verilince {name} anlamsızdır",
    "{name} must not be greater than {other}": "{name}, {other} değerinden büyük olmamalıdır",
    "{name} must be an existing day written YYYY-MM-DD": (
        "{name} takvimde bulunan bir gün olmalı ve YYYY-AA-GG biçiminde yazılmalıdır"
    ),
    "{name} must be ISO 8601 with an offset, such as {example}": (
        "{name} saat farkıyla birlikte ISO 8601 biçiminde olmalıdır, örneğin {example}"
    ),
    "{name} must be an aware datetime or its ISO 8601 text, not {kind}": (
        "{name} saat farkını içeren bir tarih ya da onun ISO 8601 metni olmalıdır; verilen tür: {kind}"
    ),
    "{name} must say its offset from UTC: a naive datetime could mean another day": (
        "{name} UTC'den saat farkını belirtmelidir: saat farkı olmayan tarih başka bir güne denk gelebilir"
    ),
    "{name} lies outside the calendar": "{name} takvimin dışında",
    "{name} must be a number such as {example}": "{name} bir sayı olmalıdır, örneğin {example}",
    "{name} must be a finite amount of at most {number} digits": "{name} en çok {number} basamaklı bir tutar olmalıdır",
    "{name} must be greater than zero; leave it out for all that remains": (
        "{name} sıfırdan büyük olmalıdır; kalanın tamamı için boş bırakın"
    ),
    "{name} must be a uuid.UUID or its text, not {kind}": "{name} bir UUID metni olmalıdır; verilen tür: {kind}",
    "{name} must be a UUID": "{name} bir UUID olmalıdır",
    "{name} must be a UUID of version 4 (uuid.uuid4())": "{name} sürüm 4 bir UUID olmalıdır",
    "{name} must be a positive number of seconds, at most {number}": (
        "{name} pozitif bir saniye sayısı olmalıdır; en çok {number}"
    ),
    # Credentials and addresses.
    "{name} must be a non-empty text of visible ASCII characters, without blanks or line ends": (
        "{name} boş olmamalı; yalnızca görünür ASCII karakterlerden oluşmalı, boşluk ya da satır sonu içermemelidir"
    ),
    "{name} must be a non-empty text without control characters": (
        "{name} boş olmamalı ve denetim karakteri içermemelidir"
    ),
    "the environment variable {name} is not set": "{name} ortam değişkeni tanımlı değil",
    "KolayBi needs an access_token or an api_key (KOLAYBI_ACCESS_TOKEN or KOLAYBI_API_KEY)": (
        "KolayBi için access_token ya da api_key gerekir (KOLAYBI_ACCESS_TOKEN veya KOLAYBI_API_KEY)"
    ),
    "Propars needs a token, or a username together with its password (PROPARS_TOKEN, PROPARS_USERNAME …)": (
        "Propars için token ya da parolasıyla birlikte kullanıcı adı gerekir (PROPARS_TOKEN, PROPARS_USERNAME …)"
    ),
    "base_url is not a URL": "base_url bir URL değil",
    "base_url must not name port 0": "base_url içinde port 0 olamaz",
    "base_url must be an origin such as https://host, without user name or password": (
        "base_url https://adres gibi olmalı, kullanıcı adı ve parola içermemelidir"
    ),
    "base_url must be an origin such as https://host: the paths are the provider's": (
        "base_url yalnızca https://adres olmalıdır: yolları sağlayıcı belirler"
    ),
    "base_url must use https (http is for loopback addresses only)": (
        "base_url https olmalıdır (http yalnızca bu makinenin adresleri içindir)"
    ),
    "base_url names a host that is not the provider's: pass allow_custom_host=True if you mean it": (
        "base_url sağlayıcıya ait olmayan bir adres gösteriyor; komut yalnızca sağlayıcının adreslerini kabul eder"
    ),
    # Lines of a batch, certificates, the emulator.
    "operation is missing": "operation eksik",
    "operation {given} is not one of {names}": "operation {given} olamaz; olabilecekler: {names}",
    "{given} is not a field of {name}": "{name} işleminin {given} diye bir alanı yok",
    "{name} is missing": "{name} eksik",
    "{name} must be digits only": "{name} yalnızca rakamlardan oluşmalıdır",
    "{name} must hold exactly one X.509 certificate, in PEM or DER (several issuers are a trust_store)": (
        "{name} PEM ya da DER biçiminde tek bir X.509 sertifikası olmalıdır (birden çok sertifika veren için "
        "--trust-store)"
    ),
    "{name} must be a bundle of X.509 certificates in PEM": "{name} PEM biçiminde X.509 sertifikalarından oluşmalıdır",
    "kind: {given} is not one of {names}": "{given} diye bir arıza yok; olanlar: {names}",
    "rate: {given} is not between 0 and 1": "oran 0 ile 1 arasında olmalıdır; {given} değil",
    "guess: {given} is not one of {names}": "{given} diye bir tahmin yok; olanlar: {names}",
    "{name}: {given} is not one of {names}": "{name}, {given} olamaz; olabilecekler: {names}",
    "{name}: {given} is not a number of seconds from 0 on, or forever": (
        "{name}, 0 veya daha büyük bir saniye ya da forever olmalıdır; {given} değil"
    ),
}

JOURNALS: Final[Mapping[str, str]] = {
    "url must be a database URL such as sqlite:///sends.db or postgresql://user@host/database": (
        "--journal bir veritabanı URL'si olmalıdır: sqlite:///sends.db veya postgresql://user@host/database gibi"
    ),
    "url must begin with sqlite:/// or postgresql://": "--journal sqlite:/// ya da postgresql:// ile başlamalıdır",
    "url must name a file: a journal in memory would forget what was sent": (
        "--journal bir dosya adı içermelidir: bellekteki bir gönderim defteri gönderilenleri unutur"
    ),
    "there is no journal in {place}": "{place} adresinde gönderim defteri yok",
    "the journal {place} needs {name}: pip install {package}": (
        "{place} gönderim defteri için {name} gerekir: pip install {package}"
    ),
    (
        "the journal {place} has schema version {number}, and this kolay_invoice knows version {known}: use the "
        "version of kolay_invoice that wrote it, or a newer one"
    ): (
        "{place} gönderim defterinin şema sürümü {number}, bu kolay_invoice ise {known} sürümünü bilir: defteri yazan "
        "kolay_invoice sürümünü ya da daha yenisini kullanın"
    ),
    "the journal {place} cannot be made: {reason}": "{place} gönderim defteri oluşturulamıyor: {reason}",
    "the journal {place} cannot be written: {reason}. Nothing is sent without it": (
        "{place} gönderim defterine yazılamıyor: {reason}. Defter olmadan hiçbir şey gönderilmez"
    ),
    "the journal {place} cannot be read: {reason}. Nothing is sent without it": (
        "{place} gönderim defteri okunamıyor: {reason}. Defter olmadan hiçbir şey gönderilmez"
    ),
    "the journal {place} gave no connection in time": "{place} gönderim defteri zamanında bağlantı vermedi",
    "the journal {place} cannot be reached: {reason}": "{place} gönderim defterine ulaşılamıyor: {reason}",
    "{key} is known with other parameters ({why})": "{key} gönderim defterinde başka alanlarla kayıtlı ({why})",
    "{name}: known {before}, asked {now}": "{name}: kayıtlı {before}, istenen {now}",
    "the lease on the journal was lost: open the journal anew and run again, nothing is sent twice": (
        "gönderim defterindeki sahiplik süresi doldu: yeniden çalıştırın, hiçbir şey iki kez gönderilmez"
    ),
    (
        "the lease on the journal was lost, taken over by {who}: open the journal anew and run again, nothing is sent "
        "twice"
    ): "gönderim defterindeki işler {who} tarafından devralındı: yeniden çalıştırın, hiçbir şey iki kez gönderilmez",
    "occasion must be a printable text of at most {number} characters, not {given}": (
        "occasion en çok {number} karakterlik, görüntülenebilir bir metin olmalıdır; {given} değil"
    ),
    (
        "quiet_period must be at least {least} seconds, the client's timeout ({number}) and the {late} seconds in "
        "which "
        "bytes may still arrive, not {given}"
    ): (
        "quiet_period en az {least} saniye olmalıdır, {given} değil: çağrı süresi ({number}) ve gönderilenlerin hâlâ "
        "ulaşabileceği {late} saniye"
    ),
    "answers could not be written down: {why}": "yanıtlar yazılamadı: {why}",
    "key: {key} was taken in hand in this moment: look at it again": (
        "{key} tam şu anda başka bir sürecin eline geçti: yeniden bakın"
    ),
    # Why a run ended early, and what an operation's note says.
    "{number} calls in a row could not be sent: {why}": "art arda {number} çağrı gönderilemedi: {why}",
    "the provider asks to wait {number} seconds": "sağlayıcı {number} saniye beklenmesini istiyor",
    "found by reading back": "sağlayıcıdan sorgulanarak bulundu",
    "{number} of the run's operations were not sent: {why}": "bu çalıştırmadaki {number} işlem gönderilmedi: {why}",
    "another operation on the same document or sale is not settled": (
        "aynı belge ya da satıştaki başka bir işlem henüz sonuçlanmadı"
    ),
    "stopped on request": "istek üzerine durduruldu",
    (
        "{number} calls in a row were answered with {status}, and none in the provider's own words: look at what "
        "stands "
        "between here and the provider"
    ): (
        "art arda {number} çağrıya {status} yanıtı geldi ve hiçbiri sağlayıcının kendi sözü değil: buradan sağlayıcıya "
        "giden yolda ne olduğuna bakın"
    ),
    "looked up first, because the journal may not hold what was sent before: {why}": (
        "gönderim defteri önceden gönderilenleri içermiyor olabilir, bu yüzden önce sorgulandı: {why}"
    ),
    "found official before it was sent": "gönderilmeden önce resmîleşmiş bulundu",
    "the provider refused it, and it is official: it was sent before": (
        "sağlayıcı reddetti, ama fatura resmî: daha önce gönderilmiş"
    ),
    "undecided for {number} seconds: {why}": "{number} saniyedir belirsiz: {why}",
    "it is seen official under several ETTNs": "birden çok ETTN ile resmî görünüyor",
    "no record of the document could be read": "belgenin hiçbir kaydı okunamadı",
    "what is seen of it decides nothing": "görülenler bir şey kanıtlamıyor",
    "could not be read back: {why}": "sağlayıcıdan sorgulanamadı: {why}",
    "its signed XML is no signed invoice ({why})": "imzalı XML'i imzalı bir fatura değil ({why})",
    "its signed XML may be that of the cancelled invoice": "imzalı XML'i iptal edilen faturanınki olabilir",
    "the sale shows no code to look for": "satışta aranacak bir kod yok",
    "the lists of sales do not show that it was not sent": "satış listeleri gönderilmediğini göstermiyor",
    # What a look has shown.
    "the account shows no company": "hesap hiç şirket göstermiyor",
    "status {status}, uuid {uuid}, number {number}": "durumu {status}, uuid {uuid}, numarası {number}",
    "ETTN {ettn}, number {number}": "ETTN {ettn}, numarası {number}",
    "no signed invoice: {why}": "imzalı fatura değil: {why}",
    "not in the list": "listede yok",
    "in the list, invoice_sent {value}": "listede, invoice_sent {value}",
    "no sale code": "satış kodu yok",
    "list_invoices of company {number}": "{number} numaralı şirketin list_invoices çağrısı",
    "nothing can read this operation back": "bu işlemin yapılıp yapılmadığını hiçbir sorgu kanıtlamaz",
    "it is under way and has no number yet": "yolda, henüz numarası yok",
    "its status is {status}": "durumu {status}",
    "the sale has a signed invoice with another ETTN, {name}": "satışın başka bir ETTN'li imzalı faturası var: {name}",
    "proven not executed": "yapılmadığı kanıtlandı",
    "interrupted after it left": "yola çıktıktan sonra kesildi",
    "the worker ended after the mark and before the answer was written down": (
        "işçi süreç, gönderim işaretinden sonra ve yanıt yazılmadan önce sona erdi"
    ),
    "the provider turned it away (429), and nothing can read it back": (
        "sağlayıcı geri çevirdi (429), yapılıp yapılmadığını hiçbir sorgu kanıtlamaz"
    ),
    "{state} settled as done": "{state} iken yapıldı olarak yazıldı",
    "{state} settled as not executed": "{state} iken yapılmadı olarak yazıldı",
    "corrected": "alanları düzeltildi",
    "settled by {who}: done": "{who} bildirdi: yapıldı",
    "settled by {who}: done ({because})": "{who} bildirdi: yapıldı ({because})",
    "settled by {who}: not executed": "{who} bildirdi: yapılmadı",
    "settled by {who}: not executed ({because})": "{who} bildirdi: yapılmadı ({because})",
}

FINDINGS: Final[Mapping[str, str]] = {
    # What the doctor's report says of each read, and counts.
    "companies": "şirketler",
    "vaults": "kasalar",
    "movements": "hareketler",
    "invoices": "faturalar",
    "next page": "sonraki sayfa",
    "filter by document": "belgeye göre süzme",
    "filter by date": "tarihe göre süzme",
    "missing document": "olmayan belge",
    "detail of a document": "belgenin detayı",
    "detail of an unsent document": "gönderilmemiş belgenin detayı",
    "invoices again": "yeniden faturalar",
    "missing sale": "olmayan satış",
    "sent sales": "gönderilmiş satışlar",
    "unsent sales": "gönderilmemiş satışlar",
    "unsent sale": "gönderilmemiş satış",
    "unsent sales again": "yeniden gönderilmemiş satışlar",
    "invoice of a sale": "satışın faturası",
    "signed document": "imzalı belge",
    "done": "yapıldı",
    "seen": "görülen",
    "against": "uymayan",
    "missing": "eksik",
    "others": "fazladan",
    "status": "durum kodu",
    "rows": "satır",
    "largest page": "en büyük sayfa",
    "members": "alanlar",
    "values without a name": "adı olmayan değer",
    "with uuid and without no": "uuid var, no yok",
}

CHECKS: Final[Mapping[str, str]] = {
    # What the demonstration tried and saw.
    "The eight calls, async": "Sekiz çağrı, asenkron",
    "The eight calls, blocking": "Sekiz çağrı, bloklayan",
    "A burst of {number} sends": "{number} gönderimlik yığın",
    "create_e_document in every kind of trouble": "create_e_document, her türden arızada",
    "the provider: {kind}": "sağlayıcı: {kind}",
    "a token that has ended": "süresi bitmiş token",
    "an unknown Channel": "bilinmeyen Channel",
    "a closed port": "kapalı port",
    "the same document again": "aynı belge bir daha",
    "{kind}, may have happened": "{kind}, gerçekleşmiş olabilir",
    "InvoiceHtml, {number} characters": "InvoiceHtml, {number} karakter",
    "SignedXml, {number} bytes": "SignedXml, {number} bayt",
    "{number} answers, {connections} connections, executions {executions}": (
        "{number} yanıt, {connections} bağlantı, gerçekleşme {executions}"
    ),
    "{number} answers in order, at most {connections} connections": (
        "{number} yanıt sırasıyla, en çok {connections} bağlantı"
    ),
    "a typed reply": "türü belli bir yanıt",
    "no rows": "satır yok",
}

LIBRARY: Final[Mapping[str, str]] = {
    **ARGUMENTS,
    **JOURNALS,
    **DATABASES,
    **READ_BACKS,
    **REASONS,
    **FINDINGS,
    **CHECKS,
}
