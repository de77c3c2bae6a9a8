"""The words of accounts, profiles and the configuration file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ACCOUNTS: Final[Mapping[str, tuple[str, str]]] = {
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
    "config.not_set": (
        "The profile {profile} has no {setting}.",
        "{profile} profilinde {setting} ayarı yok.",
    ),
    "config.unknown_profile": (
        "There is no profile {profile}; there are: {known}.",
        "{profile} adlı bir profil yok; olanlar: {known}.",
    ),
    "config.removed": (
        "{setting} of the profile {profile} is removed from {path}.",
        "{profile} profilinin {setting} ayarı {path} dosyasından silindi.",
    ),
    "config.path": ("The profiles are in {path}.", "Profiller: {path}"),
    "config.no_file": (
        "There is no {path} yet: `kolay-invoice config set kolaybi.channel` makes it.",
        "{path} henüz yok: `kolay-invoice config set kolaybi.channel` ile oluşturulur.",
    ),
    "config.in_keyring": ("in the keyring: {entry}", "anahtarlıkta: {entry}"),
}
