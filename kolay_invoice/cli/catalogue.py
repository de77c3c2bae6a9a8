"""Every text of the command in English and Turkish, side by side; `texts` says them.

Help texts and the sentences of the library itself are English. Names of commands, options, fields and states are the
same in both languages, for they are what is typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kolay_invoice.cli.doctor_texts import DOCTOR_TEXTS

TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    # Everywhere.
    "yes": ("yes", "evet"),
    "no": ("no", "hayır"),
    "nothing_sent": ("Nothing was sent.", "Hiçbir şey gönderilmedi."),
    "nothing_changed": ("Nothing was changed.", "Hiçbir şey değiştirilmedi."),
    "nothing_served": ("The emulator was not started.", "Emülatör başlatılmadı."),
    "interrupted": (
        "Interrupted, before anything was sent that has an effect.",
        "Yarıda kesildi; sonuç doğuracak hiçbir şey gönderilmemişti.",
    ),
    "wrong_argument": ("{told}", "Geçersiz değer: {told}"),
    "no_terminal": (
        "Nothing was sent: there is no terminal to ask on. Pass --yes to send them.",
        "Hiçbir şey gönderilmedi: onay sorulacak bir terminal yok. Göndermek için --yes verin.",
    ),
    "ask_with_yes": (
        "Nothing was sent: there is no terminal to ask on. Pass --yes to go on without being asked.",
        "Hiçbir şey gönderilmedi: onay sorulacak bir terminal yok. Sorulmadan sürdürmek için --yes verin.",
    ),
    "go_on": ("Go on? [y/N]", "Devam edilsin mi? [e/H]"),
    "waiting": (
        "{call}: waiting for the answer for {seconds} s …",
        "{call}: {seconds} saniyedir yanıt bekleniyor …",
    ),
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
    "error.not_sent": (
        "{call} was not sent{answer}: no byte of it left this machine.",
        "{call} gönderilmedi{answer}: bu makineden tek bir bayt bile çıkmadı.",
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
        "Look at the document after a few minutes: kolay-invoice kolaybi list --document-id NUMBER",
        "Birkaç dakika sonra belgeye bakın: kolay-invoice kolaybi list --document-id NUMARA",
    ),
    "look_up.resend": (
        "Look at the document after a few minutes: kolay-invoice kolaybi list --document-id NUMBER",
        "Birkaç dakika sonra belgeye bakın: kolay-invoice kolaybi list --document-id NUMARA",
    ),
    "look_up.proceed": (
        "No call reads a collection back: look at the movements of the vault in KolayBi.",
        "Tahsilatın sonucu sonradan sorgulanamaz: KolayBi'de kasa hareketlerine bakın.",
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
    # What is about to happen.
    "about.create_e_document": (
        "About to send an invoice to the tax authority (GİB): {what}",
        "Fatura GİB'e gönderilecek: {what}",
    ),
    "about.resend": (
        "About to send a failed invoice to the tax authority (GİB) again: {what}",
        "Hatalı fatura GİB'e yeniden gönderilecek: {what}",
    ),
    "about.proceed": (
        "About to collect an invoice in full: {what}",
        "Faturanın tamamı tahsil edilecek: {what}",
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
        "An invoice that is created this way is not yet official.",
        "Bu yolla oluşturulan fatura henüz resmî değildir.",
    ),
    "about.effect.irreversible": ("This cannot be undone.", "Bu işlem geri alınamaz."),
    "about.effect.money": (
        "This books a movement of money, and no call reads it back.",
        "Bu işlem kasa hareketi oluşturur; sonucu sonradan sorgulanamaz.",
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
    "saved": ("Written to {path} ({size} bytes).", "{path} dosyasına yazıldı ({size} bayt)."),
    "file_exists": ("{path} exists already.", "{path} zaten var."),
    "saved_to": ("Written to {path}.", "{path} dosyasına yazıldı."),
    "no_folder": ("{path} is no folder that can be written to.", "{path} yazılabilir bir klasör değil."),
    "preview.opening": (
        "The preview opens in the browser; it can be fetched once.",
        "Önizleme tarayıcıda açılıyor; sayfa yalnızca bir kez alınabilir.",
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
    # Lists.
    "no_rows": ("There are none.", "Kayıt yok."),
    "rows_so_far.one": ("{count} row so far …", "şimdiye kadar {count} satır …"),
    "rows_so_far.many": ("{count} rows so far …", "şimdiye kadar {count} satır …"),
    "list_is_not_whole.one": (
        "The list is not whole: it broke off after {count} row.",
        "Liste eksik: {count} satırdan sonra kesildi.",
    ),
    "list_is_not_whole.many": (
        "The list is not whole: it broke off after {count} rows.",
        "Liste eksik: {count} satırdan sonra kesildi.",
    ),
    "csv_or_json": (
        "Say either --csv or --json. Nothing was sent.",
        "--csv veya --json seçeneklerinden yalnızca birini verin. Hiçbir şey gönderilmedi.",
    ),
    "which_company": (
        "Say which company: give its id (this account has: {known}), or set KOLAYBI_COMPANY_ID.",
        "Hangi şirket olduğunu belirtin: numarasını verin (bu hesapta: {known}) veya KOLAYBI_COMPANY_ID tanımlayın.",
    ),
    "wrong_company_id": (
        "The company id (--company-id or KOLAYBI_COMPANY_ID) must be a positive number.",
        "Şirket numarası (--company-id veya KOLAYBI_COMPANY_ID) pozitif bir sayı olmalıdır.",
    ),
    # Accounts and the configuration file.
    "no_account.kolaybi": (
        (
            "There are no credentials for KolayBi: set KOLAYBI_CHANNEL and KOLAYBI_API_KEY (or "
            "KOLAYBI_ACCESS_TOKEN), or write them into a profile with `kolay-invoice config set kolaybi.channel`. "
            "Nothing was sent."
        ),
        (
            "KolayBi için kimlik bilgisi yok: KOLAYBI_CHANNEL ile KOLAYBI_API_KEY (veya KOLAYBI_ACCESS_TOKEN) "
            "tanımlayın ya da `kolay-invoice config set kolaybi.channel` ile bir profile yazın. Hiçbir şey "
            "gönderilmedi."
        ),
    ),
    "no_account.propars": (
        (
            "There are no credentials for Propars: set PROPARS_USERNAME and PROPARS_PASSWORD (or PROPARS_TOKEN), or "
            "write them into a profile with `kolay-invoice config set propars.username`. Nothing was sent."
        ),
        (
            "Propars için kimlik bilgisi yok: PROPARS_USERNAME ile PROPARS_PASSWORD (veya PROPARS_TOKEN) tanımlayın "
            "ya da `kolay-invoice config set propars.username` ile bir profile yazın. Hiçbir şey gönderilmedi."
        ),
    ),
    "config.no_profile": (
        "There is no profile {profile} with credentials for {provider}; there are: {known}.",
        "{provider} kimlik bilgileri içeren {profile} adlı bir profil yok; olanlar: {known}.",
    ),
    "config.no_channel": (
        "The profile {profile} has no channel: `kolay-invoice config set kolaybi.channel --profile {profile}`.",
        "{profile} profilinde channel yok: `kolay-invoice config set kolaybi.channel --profile {profile}`.",
    ),
    "config.not_toml": ("{path} is not TOML: {told}.", "{path} geçerli TOML değil: {told}."),
    "config.unreadable": ("{path} cannot be read: {told}.", "{path} okunamıyor: {told}."),
    "config.shape": (
        "{path} must hold tables named [profiles.NAME.kolaybi] and [profiles.NAME.propars], and nothing else.",
        "{path} yalnızca [profiles.AD.kolaybi] ve [profiles.AD.propars] adlı tablolardan oluşmalıdır.",
    ),
    "config.not_yours": (
        "{path} is not a file of yours, so its credentials are not used.",
        "{path} size ait bir dosya değil; içindeki kimlik bilgileri kullanılmadı.",
    ),
    "config.open_to_others": (
        (
            "{path} can be read or changed by others (mode {mode}), so its credentials are not used: chmod 600 it, and "
            "consider the secrets in it as known."
        ),
        (
            "{path} başkaları tarafından okunabilir veya değiştirilebilir (mod {mode}); kimlik bilgileri kullanılmadı: "
            "chmod 600 yapın ve içindeki gizli bilgileri açığa çıkmış sayın."
        ),
    ),
    "config.no_provider": (
        "The profile {profile} in {path} names {given}; it can have the tables kolaybi and propars.",
        "{path} içindeki {profile} profilinde {given} var; yalnızca kolaybi ve propars tabloları olabilir.",
    ),
    "config.no_setting": (
        "The profile {profile} in {path} has the unknown setting {given}; there are: {allowed}.",
        "{path} içindeki {profile} profilinde bilinmeyen bir ayar var: {given}; olabilecekler: {allowed}.",
    ),
    "config.no_value": (
        (
            'The setting {given} of the profile {profile} in {path} must be a text or {{keyring = "NAME"}}; '
            "company_id is a number."
        ),
        (
            '{path} içindeki {profile} profilinin {given} ayarı bir metin veya {{keyring = "AD"}} olmalıdır; '
            "company_id bir sayıdır."
        ),
    ),
    "config.not_in_keyring": (
        "The keyring has no entry {entry} for {given} of the profile {profile}.",
        "Anahtarlıkta {profile} profilinin {given} ayarı için {entry} kaydı yok.",
    ),
    "config.keyring_failed": (
        "The system's keyring cannot be used ({told}).",
        "Sistem anahtarlığı kullanılamıyor ({told}).",
    ),
    "config.no_keyring": (
        "The keyring needs an extra: pip install 'kolay-invoice[keyring]'.",
        "Anahtarlık için ek paket gerekir: pip install 'kolay-invoice[keyring]'.",
    ),
    "config.no_such": (
        "{given} is no setting; there are: {allowed}.",
        "{given} diye bir ayar yok; olanlar: {allowed}.",
    ),
    "config.secret_as_argument": (
        (
            "{setting} is a secret: it is asked for, and never given as an argument, which a list of processes and the "
            "shell's history show. Consider the one that you typed as known."
        ),
        (
            "{setting} gizlidir: argüman olarak verilmez, ekranda sorulur; argümanları süreç listesi ve kabuk geçmişi "
            "gösterir. Yazdığınız değeri açığa çıkmış sayın."
        ),
    ),
    "config.needs_value": (
        "Give the value of {setting} as the second argument.",
        "{setting} değerini ikinci argüman olarak verin.",
    ),
    "config.type_it": ("{setting}: ", "{setting}: "),
    "config.nothing_typed": ("Nothing was typed.", "Hiçbir şey yazılmadı."),
    "config.written": (
        "{setting} of the profile {profile} is set in {path}.",
        "{profile} profilinin {setting} ayarı {path} dosyasına yazıldı.",
    ),
    "config.path": ("The profiles are in {path}.", "Profiller: {path}"),
    "config.no_file": (
        "There is no {path} yet: `kolay-invoice config set kolaybi.channel` makes it.",
        "{path} henüz yok: `kolay-invoice config set kolaybi.channel` ile oluşturulur.",
    ),
    "config.in_keyring": ("in the keyring: {entry}", "anahtarlıkta: {entry}"),
    # The emulator.
    "serving": (
        "KolayBi and Propars are emulated at {url}; Ctrl-C ends it. Its credentials, for another terminal:",
        "KolayBi ve Propars emülatörü {url} adresinde; durdurmak için Ctrl-C. Başka bir terminalde kullanmak için:",
    ),
    "wrong_fault": (
        "--fault takes NAME=RATE, as in drop-after=0.1, and not {given}.",
        "--fault, drop-after=0.1 gibi AD=ORAN alır; {given} değil.",
    ),
    # The demonstration.
    "demo.call": ("call", "çağrı"),
    "demo.gave": ("gave", "sonuç"),
    "demo.executed": ("executed", "gerçekleşme"),
    "demo.should_be": ("{seen} (should be: {expected})", "{seen} (beklenen: {expected})"),
    "demo.summary": (
        "{count} checks: {good} as they should be, {wrong} not",
        "{count} denetim: {good} olması gerektiği gibi, {wrong} değil",
    ),
    # Batches.
    "batch.needs": (
        "kolay-invoice batch needs {module}: pip install 'kolay-invoice[journal]'",
        "kolay-invoice batch için {module} gerekir: pip install 'kolay-invoice[journal]'",
    ),
    "batch.no_file": ("{path} is not a file.", "{path} bir dosya değil."),
    "batch.asks_nothing": ("{path} asks for nothing.", "{path} hiçbir işlem istemiyor."),
    "batch.positive": (
        "--concurrency, --workers and --quiet-period must be positive numbers.",
        "--concurrency, --workers ve --quiet-period pozitif sayılar olmalıdır.",
    ),
    "batch.workers_need_postgresql": (
        (
            "--workers needs a PostgreSQL journal (--journal postgresql://user@host/database): a SQLite file has one "
            "writer at a time. Use --concurrency to send more at once."
        ),
        (
            "--workers için PostgreSQL günlüğü gerekir (--journal postgresql://user@host/database): SQLite "
            "dosyasının aynı anda tek yazarı olur. Aynı anda daha çok göndermek için --concurrency kullanın."
        ),
    ),
    "batch.line": ("line {number}", "satır {number}"),
    "batch.more": ("and {count} more", "ve {count} satır daha"),
    "batch.bad_lines.one": (
        "{count:,} line of {path} cannot be read:",
        "{path} dosyasının {count:,} satırı okunamıyor:",
    ),
    "batch.bad_lines.many": (
        "{count:,} lines of {path} cannot be read:",
        "{path} dosyasının {count:,} satırı okunamıyor:",
    ),
    "batch.mend": (
        "Nothing was sent: mend them, or leave them out with --skip-bad.",
        "Hiçbir şey gönderilmedi: düzeltin veya --skip-bad ile dışarıda bırakın.",
    ),
    "batch.about": (
        "{count} operations of {path} are about to be sent:",
        "{path} dosyasındaki {count} işlem gönderilecek:",
    ),
    "batch.to": (
        "  to {provider} at {origin} ({kind}), with the credentials of {source}",
        "  hedef: {provider}, {origin} ({kind}); kimlik bilgileri: {source}",
    ),
    "batch.does.create-e-document": ("sends the invoice to the tax authority", "faturayı GİB'e gönderir"),
    "batch.does.resend": ("sends a failed invoice again", "hatalı faturayı yeniden gönderir"),
    "batch.does.proceed": (
        "collects the invoice in full: moves money",
        "faturanın tamamını tahsil eder: kasa hareketi",
    ),
    "batch.does.propars-send": (
        "sends the invoice of the sale to the tax authority",
        "satışın faturasını GİB'e gönderir",
    ),
    "batch.does.propars-cancel": ("cancels the invoice of the sale", "satışın faturasını iptal eder"),
    "batch.left_out.one": ("{count:,} bad line will be left out.", "{count:,} hatalı satır dışarıda bırakılacak."),
    "batch.left_out.many": ("{count:,} bad lines will be left out.", "{count:,} hatalı satır dışarıda bırakılacak."),
    "batch.cannot_be_undone": (
        "This cannot be undone. What the journal knows as done or refused is not sent again.",
        "Bu işlem geri alınamaz. Günlükte yapılmış veya reddedilmiş görünenler yeniden gönderilmez.",
    ),
    "batch.send_them": ("Send them? [y/N]", "Gönderilsin mi? [e/H]"),
    "batch.sending": ("sending", "gönderiliyor"),
    "batch.stopping": (
        "Stopping: nothing more is started, and what is on its way is waited for. Once more does not wait.",
        "Durduruluyor: yenisi başlatılmıyor, yolda olanlar bekleniyor. Bir kez daha basarsanız beklenmez.",
    ),
    "batch.cut": (
        "Cut: what was on its way may have happened, and is written down as unknown.",
        "Kesildi: yolda olanlar gerçekleşmiş olabilir ve bilinmiyor olarak yazıldı.",
    ),
    "batch.worker_ended": (
        (
            "worker {number} ended by itself (exit code {code}); what it had on its way may have happened at the "
            "provider, and the journal knows what that was: run the same command again"
        ),
        (
            "{number} numaralı işçi süreç kendiliğinden sona erdi (çıkış kodu {code}); yoldaki işlemleri sağlayıcıda "
            "gerçekleşmiş olabilir, hangileri olduğunu günlük biliyor: aynı komutu yeniden çalıştırın"
        ),
    ),
    "batch.file_changed": ("{path} was changed while it was read", "{path} okunurken değiştirildi"),
    "batch.conflict_next": (
        "It was not sent. Mend the file, then run the same command again: what is done is not sent again.",
        "Gönderilmedi. Dosyayı düzeltip aynı komutu yeniden çalıştırın: yapılmış olan yeniden gönderilmez.",
    ),
    "batch.sent_next": (
        (
            "What was on its way may have happened; the journal holds every mark. When the cause is mended, run the "
            "same command again."
        ),
        "Yolda olanlar gerçekleşmiş olabilir; hepsinin kaydı günlükte. Nedeni giderip aynı komutu yeniden çalıştırın.",
    ),
    "batch.not_sent_next": (
        "Nothing was sent by this run. When the cause is mended, run the same command again.",
        "Bu çalıştırmada hiçbir şey gönderilmedi. Nedeni giderip aynı komutu yeniden çalıştırın.",
    ),
    "batch.whole_journal": ("the whole journal", "günlüğün tamamı"),
    "batch.batch": ("the batch", "bu toplu iş"),
    "batch.state": ("state", "durum"),
    "batch.operations": ("operations", "işlem"),
    "batch.unrecorded": ("not in the journal: {answer}", "günlükte yok: {answer}"),
    "batch.stopped": ("Stopped early: {why}", "Erken durdu: {why}"),
    "batch.interrupted": (
        "Interrupted. What may have been on its way is in the journal.",
        "Yarıda kesildi. Yolda olabilecek işlemler günlükte.",
    ),
    "batch.keep": (
        "Keep the answers above: the journal could not write them down, and shows them as being sent.",
        "Yukarıdaki yanıtları saklayın: günlüğe yazılamadılar ve orada gönderiliyor görünüyorlar.",
    ),
    "batch.planned": (
        "{count} not sent yet: run the same batch again to go on.",
        "{count} işlem henüz gönderilmedi: sürdürmek için aynı komutu yeniden çalıştırın.",
    ),
    "batch.in_hand": (
        "{count} in the hands of another process: run the same batch again when it has ended.",
        "{count} işlem başka bir sürecin elinde: o bitince aynı komutu yeniden çalıştırın.",
    ),
    "batch.unknown": (
        (
            "{count} may have happened: run the same batch again after the quiet period, and they are looked up at the "
            "provider first."
        ),
        (
            "{count} işlem gerçekleşmiş olabilir: bekleme süresinden sonra aynı komutu yeniden çalıştırın; önce "
            "sağlayıcıdan sorulurlar."
        ),
    ),
    "batch.needs_person": (
        (
            "{count} may have happened and need a person: see them with `kolay-invoice batch status --journal "
            "{journal} --state needs_person`, look each up at the provider, then say what happened with "
            "`kolay-invoice batch settle KEY --journal {journal} --done` or `--not-done`."
        ),
        (
            "{count} işlem gerçekleşmiş olabilir ve bir insanın bakması gerekiyor: `kolay-invoice batch status "
            "--journal {journal} --state needs_person` ile görün, her birine sağlayıcıda bakın, sonra ne olduğunu "
            "`kolay-invoice batch settle KEY --journal {journal} --done` veya `--not-done` ile bildirin."
        ),
    ),
    "batch.refused": (
        "{count} refused by the provider: `kolay-invoice batch status --journal {journal} --state refused` shows why.",
        (
            "{count} işlemi sağlayıcı reddetti: nedenini `kolay-invoice batch status --journal {journal} --state "
            "refused` gösterir."
        ),
    ),
    "batch.no_such_key": (
        "The journal knows no {key}: `batch status` shows keys.",
        "Günlükte {key} yok: anahtarları `batch status` gösterir.",
    ),
    "batch.cannot_settle": (
        "{key} is {state}; only what is unknown or needs a person can be settled, and what was refused as --not-done.",
        "{key} durumu {state}; yalnızca bilinmeyen, insan gerektiren ve (--not-done ile) reddedilen sonuçlandırılır.",
    ),
    "batch.done_or_not": (
        "Say either --done or --not-done.",
        "--done veya --not-done seçeneklerinden birini verin.",
    ),
    "batch.settled_done": (
        "{key} is {state} now ({note}). It will not be sent again.",
        "{key} artık {state} ({note}). Yeniden gönderilmeyecek.",
    ),
    "batch.settled_not_done": (
        "{key} is {state} now ({note}). It will be sent by the next run that asks for it.",
        "{key} artık {state} ({note}). Onu isteyen bir sonraki çalıştırma gönderecek.",
    ),
    "batch.a_person": ("a person", "bir kullanıcı"),
    # What can be wrong with a line of a batch file.
    "line.not_utf_8": (
        "is not UTF-8: save the file as UTF-8 (in Excel: 'CSV UTF-8')",
        "UTF-8 değil: dosyayı UTF-8 olarak kaydedin (Excel'de: 'CSV UTF-8')",
    ),
    "line.utf_16": (
        "is not UTF-8: save the file as UTF-8 (in Excel: 'CSV UTF-8'); it is UTF-16",
        "UTF-8 değil: dosyayı UTF-8 olarak kaydedin (Excel'de: 'CSV UTF-8'); şu an UTF-16",
    ),
    "line.too_long": ("is longer than {most} bytes", "{most} bayttan uzun"),
    "line.not_csv": (
        "is not CSV: a quote is not closed or not doubled, or a field holds a line break",
        "CSV değil: bir tırnak kapanmamış veya ikilenmemiş ya da bir alanda satır sonu var",
    ),
    "line.fields": ("has {count} fields, and the header has {expected}", "{count} alan var, başlıkta {expected}"),
    "line.no_header": (
        "is no header: it must name the columns, operation and any of {fields}",
        "başlık değil: sütunları adlandırmalı; operation ve şunlardan gerekenler: {fields}",
    ),
    "line.unknown_column": (
        "names the unknown column {column}; the columns are {columns}",
        "bilinmeyen sütun: {column}; sütunlar: {columns}",
    ),
    "line.column_twice": ("names a column twice", "bir sütun iki kez yazılmış"),
    "line.not_json": ("is not JSON", "JSON değil"),
    "line.no_object": ("is not a JSON object", "JSON nesnesi değil"),
    "line.field_twice": ("names a field twice", "bir alan iki kez yazılmış"),
    **DOCTOR_TEXTS,
}
