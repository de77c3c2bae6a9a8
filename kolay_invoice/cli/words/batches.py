"""The words of batches and of what can be wrong with a line of their files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

BATCHES: Final[Mapping[str, tuple[str, str]]] = {
    # Batches.
    "batch.needs": (
        "kolay-invoice batch needs {module}: pip install 'kolay-invoice[journal]'",
        "kolay-invoice batch için {module} gerekir: pip install 'kolay-invoice[journal]'",
    ),
    "batch.no_file": ("{path} is not a file.", "{path} bir dosya değil."),
    "batch.asks_nothing": ("{path} asks for nothing.", "{path} hiçbir işlem istemiyor."),
    "batch.positive": (
        "--concurrency and --quiet-period must be positive numbers.",
        "--concurrency ve --quiet-period pozitif sayılar olmalıdır.",
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
    "batch.would": (
        "{count} operations of {path} would be sent:",
        "{path} dosyasındaki {count} işlem gönderilirdi:",
    ),
    "batch.no_journal_yet": (
        "There is no journal {journal} yet; a run makes it.",
        "{journal} gönderim defteri henüz yok; ilk çalıştırma oluşturur.",
    ),
    "batch.known": (
        "The journal {journal} holds of them: {states}. What is done or refused would not be sent again.",
        (
            "{journal} gönderim defterinde bunlardan olanlar: {states}. Yapılmış ve reddedilmiş olanlar yeniden "
            "gönderilmez."
        ),
    ),
    "batch.to": (
        "  to {provider} at {origin} ({kind}), with the credentials of {source}",
        "  hedef: {provider}, {origin} ({kind}); kimlik bilgileri: {source}",
    ),
    "batch.does.create-e-document": ("sends the invoice to the tax authority", "faturayı GİB'e gönderir"),
    "batch.does.resend": ("sends a failed invoice again", "gönderilemeyen faturayı yeniden gönderir"),
    "batch.does.proceed": (
        "collects the invoice (an amount, or all that remains): moves money",
        "faturayı tahsil eder (verilen tutarı ya da kalanın tamamını): kasa hareketi",
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
        "Bu işlem geri alınamaz. Gönderim defterinde yapılmış veya reddedilmiş görünenler yeniden gönderilmez.",
    ),
    "batch.send_them": ("Send them? [y/N]", "Gönderilsin mi? [e/H]"),
    "batch.sending": ("sending", "gönderiliyor"),
    "batch.stopping": (
        "Stopping: nothing more is started, and what is on its way is waited for. Once more does not wait.",
        "Durduruluyor: yenisi başlatılmıyor, yolda olanlar bekleniyor. Bir kez daha basarsanız beklenmez.",
    ),
    "batch.cut": (
        "Cut: what was on its way may have happened, and is written down as unknown.",
        "Kesildi: yolda olanlar gerçekleşmiş olabilir ve belirsiz olarak yazıldı.",
    ),
    "batch.file_changed": ("{path} was changed while it was read", "{path} okunurken değiştirildi"),
    "batch.conflicts.one": (
        "1 line asks for what is known with other fields, and was not taken; the other lines do not wait for it:",
        "1 satır, bilinen bir işlemi başka alanlarla istiyor ve alınmadı; öteki satırlar onu beklemez:",
    ),
    "batch.conflicts.many": (
        "{count} lines ask for what is known with other fields, and were not taken; the others do not wait for them:",
        "{count} satır, bilinen işlemleri başka alanlarla istiyor ve alınmadı; öteki satırlar onları beklemez:",
    ),
    "batch.conflict_with": ("; line {number} has the known ones", "; bilinenler {number}. satırda"),
    "batch.conflict_next": (
        (
            "Mend the lines, or give them an occasion if they are meant once more, and run the same command again: "
            "what is done is not sent again. What was refused takes corrected fields after `batch settle KEY "
            "--not-done`."
        ),
        (
            "Satırları düzeltin ya da işlem bilerek yineleniyorsa occasion verin, sonra aynı komutu yeniden "
            "çalıştırın: yapılmış olan yeniden gönderilmez. Reddedilen işlem, `batch settle ANAHTAR --not-done` ile "
            "bırakılınca "
            "düzeltilmiş alanları kabul eder."
        ),
    ),
    "batch.identity": (
        "journal {journal_id} in {place}; last run: {run}",
        "gönderim defteri {journal_id}, yeri {place}; son çalıştırma: {run}",
    ),
    "batch.doubt": (
        (
            "This journal may lack what it once held ({why}; noticed {when}). Nothing is sent before it was looked up "
            "at the provider, which takes a quiet period; what cannot be looked up waits for a person."
        ),
        (
            "Bu gönderim defterinde eksik kayıt olabilir ({why}; fark edildiği an: {when}). Sağlayıcıdan sorgulanmadan "
            "hiçbir şey gönderilmez, bu da bekleme süresi kadar sürer; sorgulanamayanlar elle kontrole kalır."
        ),
    ),
    "batch.end_doubt": (
        "Where nothing is missing, or all of it was looked up: kolay-invoice batch end-doubt --journal {journal}",
        "Eksik yoksa ya da hepsine bakıldıysa: kolay-invoice batch end-doubt --journal {journal}",
    ),
    "batch.about_end_doubt": (
        (
            "The journal {place} will count as whole: operations are sent again without being looked up first. What "
            "was "
            "sent and is missing in it is SENT TWICE. This cannot be undone."
        ),
        (
            "{place} gönderim defteri eksiksiz sayılacak: işlemler önce sorgulanmadan gönderilecek. Gönderilmiş olup "
            "defterde eksik olan İKİ KEZ GÖNDERİLİR. Bu işlem geri alınamaz."
        ),
    ),
    "batch.pass_yes": (
        "Nothing was changed: there is no terminal to ask on. Pass --yes if it is so.",
        "Hiçbir şey değiştirilmedi: sorulacak bir terminal yok. Öyleyse --yes verin.",
    ),
    "batch.because_what": (
        "--because must say how that is known.",
        "--because bunun nereden bilindiğini söylemelidir.",
    ),
    "batch.no_doubt": (
        "Nothing is in doubt about the journal {place}.",
        "{place} gönderim defteri hakkında bir kuşku yok.",
    ),
    "batch.doubt_ended": ("The journal {place} counts as whole.", "{place} gönderim defteri eksiksiz sayılıyor."),
    "batch.untried": ("Not everything was tried: {why}", "Her işlem denenmedi: {why}"),
    "batch.give_up_after": (
        "--give-up-after must be a number of seconds that is not negative.",
        "--give-up-after negatif olmayan bir saniye sayısı olmalıdır.",
    ),
    "batch.quiet_too_short": (
        "--quiet-period must be at least {least} seconds, in which a call may still arrive and happen, not {given}.",
        "--quiet-period en az {least} saniye olmalıdır, {given} değil: çağrı bu sürede hâlâ ulaşıp gerçekleşebilir.",
    ),
    "batch.absence_proves": (
        (
            "--absence-proves: what no list of the provider shows is taken as not sent, and is sent again. If the list "
            "lags, or its filter means something else, an invoice is SENT TWICE. Use it only for an account on which "
            "`kolay-invoice doctor` has shown that the filter works."
        ),
        (
            "--absence-proves: sağlayıcının hiçbir listesinde görünmeyen işlem gönderilmemiş sayılır ve yeniden "
            "gönderilir. Liste geriden geliyorsa ya da süzgeci başka bir anlama geliyorsa fatura İKİ KEZ GÖNDERİLİR. "
            "Yalnızca `kolay-invoice doctor` ile süzgecin çalıştığı görülmüş hesaplarda kullanın."
        ),
    ),
    "batch.sent_next": (
        (
            "What was on its way may have happened; the journal holds every mark. When the cause is mended, run the "
            "same command again."
        ),
        (
            "Yolda olanlar gerçekleşmiş olabilir; hepsinin kaydı gönderim defterinde. Nedeni giderip aynı komutu "
            "yeniden çalıştırın."
        ),
    ),
    "batch.not_sent_next": (
        "Nothing was sent by this run. When the cause is mended, run the same command again.",
        "Bu çalıştırmada hiçbir şey gönderilmedi. Nedeni giderip aynı komutu yeniden çalıştırın.",
    ),
    "batch.whole_journal": ("the whole journal", "gönderim defterinin tamamı"),
    "batch.batch": ("the batch", "bu toplu iş"),
    "batch.state": ("state", "durum"),
    "batch.operations": ("operations", "işlem sayısı"),
    "batch.done_now": ("done in this run", "bu çalıştırmada yapıldı"),
    "batch.done_before": ("done before, on {when}", "önceden yapılmış: {when}"),
    "batch.refused_now": ("refused in this run", "bu çalıştırmada reddedildi"),
    "batch.refused_before": ("refused before, on {when}", "önceden reddedilmiş: {when}"),
    "batch.from_to": ("{first} to {last}", "{first} ile {last} arası"),
    "batch.moment": ("%Y-%m-%d %H:%M", "%d.%m.%Y %H.%M"),
    "batch.no_time": ("a time that is not written down", "zamanı yazılmamış"),
    # The states and the operations in words.
    "batch.state.planned": ("not sent yet", "henüz gönderilmedi"),
    "batch.state.claimed": ("in hand, not sent", "sırası geldi, henüz gönderilmedi"),
    "batch.state.sending": ("being sent", "gönderiliyor"),
    "batch.state.done": ("done", "yapıldı"),
    "batch.state.refused": ("refused", "reddedildi"),
    "batch.state.unknown": ("unknown: it may have happened", "belirsiz: gerçekleşmiş olabilir"),
    "batch.state.reconciling": ("being looked up", "sağlayıcıdan sorgulanıyor"),
    "batch.state.needs_person": ("waits for a person", "elle kontrol bekliyor"),
    "batch.operation.create_e_document": ("send of an invoice", "fatura gönderimi"),
    "batch.operation.resend": ("resend of a failed invoice", "gönderilemeyen faturanın yeniden gönderimi"),
    "batch.operation.proceed": ("collection of an invoice", "fatura tahsilatı"),
    "batch.operation.send_invoice": ("send of the invoice of a sale", "satış faturasının gönderimi"),
    "batch.operation.cancel_invoice": ("cancellation of the invoice of a sale", "satış faturasının iptali"),
    # What is known of an operation in doubt.
    "batch.waiting": (
        "These wait for a person; this is what is known of them:",
        "Elle kontrol bekleyenler ve bilinenler:",
    ),
    "batch.attempt": ("tried on {when}: {how}; {outcome}", "{when} denendi: {how}; {outcome}"),
    "batch.left": ("it may have left", "yola çıkmış olabilir"),
    "batch.not_left": ("nothing of it left", "hiçbir şey yola çıkmadı"),
    "batch.evidence": ("looked up on {when}, {asked}: {seen}", "{when} sorgulandı, {asked}: {seen}"),
    "batch.change": ("on {when}, {who}: {what}", "{when}, {who}: {what}"),
    "batch.movements": (
        "Movements of vault {vault} near this collection: {count} of {of} that it shows.",
        "{vault} numaralı kasanın bu tahsilata yakın hareketleri: gösterdiği {of} hareketten {count} tanesi.",
    ),
    "batch.movement": ("    {day}  {amount}  (movement {number})", "    {day}  {amount}  (hareket {number})"),
    "batch.no_day": ("no date", "tarihsiz"),
    "batch.movements_prove_nothing": (
        "They are evidence, not proof: no movement names its invoice, and one that is missing may still come.",
        "Bunlar ipucudur, kanıt değildir: hareketlerde fatura belirtilmez, görünmeyen hareket sonradan gelebilir.",
    ),
    "batch.movements_unread": (
        "The movements of vault {vault} could not be read ({why}); look at them in KolayBi.",
        "{vault} numaralı kasanın hareketleri okunamadı ({why}); KolayBi'de bakın.",
    ),
    "batch.movements_of_other": (
        "the collection is of the account {account}, and the credentials here are of {other}",
        "tahsilat {account} hesabının, buradaki kimlik bilgileri ise {other} hesabının",
    ),
    "batch.settled_before": (
        "{count} were done or refused before this run, and were not sent again.",
        "{count} işlem bu çalıştırmadan önce yapılmış veya reddedilmişti; yeniden gönderilmedi.",
    ),
    "batch.unrecorded": ("not in the journal: {answer}", "gönderim defterinde yok: {answer}"),
    "batch.stopped": ("Stopped early: {why}", "Erken durdu: {why}"),
    "batch.interrupted": (
        "Interrupted. What may have been on its way is in the journal.",
        "Yarıda kesildi. Yolda olabilecek işlemler gönderim defterinde.",
    ),
    "batch.keep": (
        "Keep the answers above: the journal could not write them down, and shows them as being sent.",
        "Yukarıdaki yanıtları saklayın: gönderim defterine yazılamadılar ve orada gönderiliyor görünüyorlar.",
    ),
    "batch.planned": (
        "{count} not sent yet: run the same batch again to go on.",
        "{count} işlem henüz gönderilmedi: sürdürmek için aynı komutu yeniden çalıştırın.",
    ),
    "batch.planned_why": (
        "`kolay-invoice batch status --journal {journal} --state planned` shows why, where sending one was tried.",
        "Gönderilmesi denenenlerin nedenini `kolay-invoice batch status --journal {journal} --state planned` gösterir.",
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
            "{count} işlem gerçekleşmiş olabilir ve elle kontrol bekliyor: `kolay-invoice batch status "
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
        "Gönderim defterinde {key} yok: anahtarları `batch status` gösterir.",
    ),
    "batch.cannot_settle": (
        "{key} is {state}; only what is unknown or needs a person can be settled, and what was refused as --not-done.",
        (
            "{key} işlemi {state} durumunda; yalnızca belirsiz olanlarla elle kontrol bekleyenler, bir de --not-done "
            "ile "
            "reddedilenler sonuçlandırılabilir."
        ),
    ),
    "batch.done_or_not": (
        "Say either --done or --not-done.",
        "--done veya --not-done seçeneklerinden birini verin.",
    ),
    "batch.settled_done": (
        "{key} is {state} now ({note}). It will not be sent again.",
        "{key} artık {state} durumunda ({note}). Yeniden gönderilmeyecek.",
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
    "line.no_operation": (
        "has no column operation, which says what is to be done (create-e-document, resend …)",
        "operation sütunu yok; ne yapılacağını o sütun söyler (create-e-document, resend …)",
    ),
    "line.unknown_column": (
        "names the unknown column {column}; the columns are {columns}",
        "bilinmeyen sütun: {column}; sütunlar: {columns}",
    ),
    "line.column_twice": ("names a column twice", "bir sütun iki kez yazılmış"),
    "line.not_json": ("is not JSON", "JSON değil"),
    "line.no_object": ("is not a JSON object", "JSON nesnesi değil"),
    "line.field_twice": ("names a field twice", "bir alan iki kez yazılmış"),
}
