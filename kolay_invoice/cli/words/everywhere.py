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
}
