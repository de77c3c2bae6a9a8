"""The words that belong to no one command, and those of lists, the emulator and the demonstration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

EVERYWHERE: Final[Mapping[str, tuple[str, str]]] = {
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
    "unprinted.output": (
        "The output could not be printed whole ({why}).",
        "Çıktının tamamı yazılamadı ({why}).",
    ),
    "unprinted.answer": (
        "What came of it could not be printed ({why}); it stands here.",
        "Sonuç yazılamadı ({why}); burada veriliyor.",
    ),
    "unprinted.call": (
        "{call} was answered, and the answer could not be printed ({why}); it stands here. Do not run it again.",
        "{call} yanıtlandı, ancak yanıt yazılamadı ({why}); burada veriliyor. Yeniden çalıştırmayın.",
    ),
    "unprinted.interrupted": ("interrupted", "yarıda kesildi"),
    "unprinted.ettn": ("ETTN {value}.", "ETTN {value}."),
    "unprinted.number": ("Number {value}.", "Fatura numarası {value}."),
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
    # The emulator.
    "serving": (
        "KolayBi and Propars are emulated at {url}; Ctrl-C ends it. Its credentials, for another terminal:",
        "KolayBi ve Propars emülatörü {url} adresinde; durdurmak için Ctrl-C. Başka bir terminalde kullanmak için:",
    ),
    "wrong_port": (
        "--port must be between 0 and 65535, and not {given}.",
        "--port 0 ile 65535 arasında olmalıdır; {given} değil.",
    ),
    "cannot_listen": (
        "{place} cannot be used ({why}): choose another --port; 0 takes a free one.",
        "{place} kullanılamıyor ({why}): başka bir --port seçin; 0, boş bir port bulur.",
    ),
    "wrong_fault": (
        "--fault takes NAME=RATE, as in drop-after=0.1, and not {given}.",
        "--fault, drop-after=0.1 gibi AD=ORAN alır; {given} değil.",
    ),
    "wrong_guess": (
        "--guess takes NAME=POSITION, as in list_filter=number, and not {given}.",
        "--guess, list_filter=number gibi AD=KONUM alır; {given} değil.",
    ),
    # The demonstration.
    "demo.call": ("call", "çağrı"),
    "demo.gave": ("gave", "sonuç"),
    "demo.executed": ("executed", "gerçekleşme"),
    "demo.should_be": ("{seen} (should be: {expected})", "{seen} (beklenen: {expected})"),
    "demo.legend": (
        (
            "✓ as it should be, ✗ not; gave: what the client said of the call; executed: how often the emulator "
            "carried it out."
        ),
        (
            "✓ olması gerektiği gibi, ✗ değil; sonuç: istemcinin çağrı için söylediği; gerçekleşme: emülatörün işlemi "
            "kaç kez yaptığı."
        ),
    ),
    "demo.summary": (
        "{count} checks: {good} as they should be, {wrong} not",
        "{count} denetim: {good} olması gerektiği gibi, {wrong} değil",
    ),
    # The help, and what is wrong with a command line.
    "usage.usage": ("Usage", "Kullanım"),
    "usage.command": ("COMMAND", "KOMUT"),
    "usage.options": ("OPTIONS", "SEÇENEKLER"),
    "usage.choices": ("choices: {choices}", "olabilecekler: {choices}"),
    "usage.default": ("default: {value}", "varsayılan: {value}"),
    "usage.required": ("required", "zorunlu"),
    "usage.no_command": ("There is no command {given}.", "{given} diye bir komut yok."),
    "usage.one_of": ("There are: {known}.", "Olanlar: {known}."),
    "usage.no_option": ("There is no option {given} here.", "Burada {given} diye bir seçenek yok."),
    "usage.meant": ("Did you mean {name}?", "Şunu mu demek istediniz: {name}?"),
    "usage.missing": ("{name} is missing.", "{name} eksik."),
    "usage.no_value": ("{name} needs a value.", "{name} bir değer ister."),
    "usage.repeated": ("{name} is given more than once.", "{name} birden çok kez verilmiş."),
    "usage.unused": ("There is no place for {given}.", "{given} fazla: burada yeri yok."),
    "usage.no_choice": (
        "{name} cannot be {given}; there are: {known}.",
        "{name} için {given} olmaz; olabilecekler: {known}.",
    ),
    "usage.whole_number": (
        "{name} must be a whole number, and not {given}.",
        "{name} bir tam sayı olmalıdır; {given} değil.",
    ),
    "usage.number": ("{name} must be a number, and not {given}.", "{name} bir sayı olmalıdır; {given} değil."),
    "usage.switch": ("{name} is a switch and takes no value.", "{name} yalnızca açılır, değer almaz."),
    "usage.wrong_value": ("{name} cannot be {given}.", "{name} için {given} olmaz."),
    "usage.other": ("The command line cannot be read: {told}", "Komut satırı anlaşılamadı: {told}"),
    "usage.see": (
        "Nothing was sent. `{command} --help` shows what there is.",
        "Hiçbir şey gönderilmedi. Kullanımı `{command} --help` gösterir.",
    ),
}
