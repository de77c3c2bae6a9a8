"""What is wrong with a journal's file or database, as the library says it in English, in Turkish; see `library`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

DATABASES: Final[Mapping[str, str]] = {
    # Where a journal is.
    "url of a SQLite file must begin with sqlite:/// (four slashes for an absolute path)": (
        "--journal bir SQLite dosyası için sqlite:/// ile başlamalıdır (tam yol için dört eğik çizgi)"
    ),
    "url of a SQLite file must have no query, such as ?mode= or ?uri= (a ? in a file's name is %3F)": (
        "--journal bir SQLite dosyası için ?mode= ya da ?uri= gibi bir sorgu içermemelidir (dosya adındaki ? işareti "
        "%3F yazılır)"
    ),
    "url of a SQLite file must hold no control characters, and percent signs of UTF-8 only": (
        "--journal denetim karakteri içermemeli, yüzde işaretleri yalnızca UTF-8 karakterleri göstermelidir"
    ),
    "url must have one @, between password and host: write any other one as %40, in a query too": (
        "--journal içinde parola ile sunucu arasında tek bir @ olmalıdır: diğerlerini, sorguda da, %40 yazın"
    ),
    (
        "the journal {place} has two readings, and the file {path} is the other one: write a % of a file's name as "
        "%25, or rename that file"
    ): (
        "{place} günlüğü iki türlü okunabiliyor; diğer okunuşu {path} dosyasıdır: dosya adındaki % işaretini %25 "
        "yazın ya da o dosyanın adını değiştirin"
    ),
    # One file, one name.
    (
        "the journal {place} cannot be opened: it must be a file in a folder in which this user may write"
    ): "{place} günlüğü açılamıyor: bu kullanıcının yazabildiği bir klasörde bir dosya olmalıdır",
    (
        "the journal {place} cannot be opened: its file has {number} names (hard links), and runs under different "
        "names do not see each other. Keep one of them: find -samefile shows them"
    ): (
        "{place} günlüğü açılamıyor: dosyasının {number} adı var (sabit bağlantı) ve ayrı adlarla çalışan süreçler "
        "birbirini görmez. Yalnızca birini bırakın: find -samefile hepsini gösterir"
    ),
    (
        "the journal {place} cannot be opened: its file is mounted by itself, and runs on both sides of the mount do "
        "not see each other. Mount the folder that holds it"
    ): (
        "{place} günlüğü açılamıyor: yalnızca dosyanın kendisi bağlanmış (mount) ve iki yandaki süreçler birbirini "
        "görmez. Dosyanın bulunduğu klasörü bağlayın"
    ),
    (
        "the journal {place} is another file now: {path} was replaced while it was in use. Nothing is sent without "
        "it. Bring the first file back, or look up what was sent meanwhile"
    ): (
        "{place} günlüğü artık başka bir dosya: {path} kullanılırken değiştirildi. Günlük olmadan hiçbir şey "
        "gönderilmez. İlk dosyayı geri getirin ya da bu arada gönderilenlere sağlayıcıda bakın"
    ),
    (
        "the journal {place} lost the file {path} while it was in use. Nothing is sent without it. Never remove the "
        "files that SQLite keeps beside a journal"
    ): (
        "{place} günlüğü kullanılırken {path} dosyası kayboldu. Günlük olmadan hiçbir şey gönderilmez. SQLite'ın "
        "günlüğün yanında tuttuğu dosyaları silmeyin"
    ),
    (
        "the journal {place} is gone: there is no file {path} any more ({reason}). Nothing is sent without it. Bring "
        "the file back before the next run"
    ): (
        "{place} günlüğü yok oldu: {path} dosyası artık yerinde değil ({reason}). Günlük olmadan hiçbir şey "
        "gönderilmez. Bir sonraki çalıştırmadan önce dosyayı geri getirin"
    ),
    # Signs that commits are missing.
    "another journal stood in this file before, so this one does not know what was sent": (
        "bu dosyada önceden başka bir günlük vardı; bu günlük gönderilenleri bilmiyor"
    ),
    "the file is an older copy of the journal: at least {number} commits are missing": (
        "dosya, günlüğün eski bir kopyası: en az {number} kayıt eksik"
    ),
    "the database is in another PostgreSQL cluster than before: what was committed last may be missing": (
        "veritabanı önceden olduğundan başka bir PostgreSQL kümesinde: en son yazılanlar eksik olabilir"
    ),
    (
        "the PostgreSQL server was failed over or restored: it is on another timeline than before, and what was "
        "committed last may be missing"
    ): (
        "PostgreSQL sunucusu yedeğe geçti ya da yedekten geri yüklendi: zaman çizelgesi (timeline) öncekinden başka, "
        "en son yazılanlar eksik olabilir"
    ),
    "the journal's tables were made anew, as from a dump: what was committed last may be missing": (
        "günlüğün tabloları, bir yedekten yüklenir gibi yeniden oluşturulmuş: en son yazılanlar eksik olabilir"
    ),
    # What a database says, in our words.
    "the journal {place} cannot be opened: {reason}. Nothing is sent without it": (
        "{place} günlüğü açılamıyor: {reason}. Günlük olmadan hiçbir şey gönderilmez"
    ),
    "another program has locked it": "başka bir program kilitlemiş",
    (
        "another program holds the write lock of its file, and did not let it go in {number} seconds. It is process "
        "{pid} on {host}, which is stopped: resume it or end it, and run again"
    ): (
        "başka bir program dosyanın yazma kilidini tutuyor ve {number} saniye boyunca bırakmadı. Kilidi tutan, {host} "
        "üzerinde durdurulmuş olan {pid} numaralı süreç: onu sürdürün ya da sonlandırın ve yeniden çalıştırın"
    ),
    (
        "another program holds the write lock of its file, and did not let it go in {number} seconds. It is process "
        "{pid} on {host}: wait for it or end it, and run again"
    ): (
        "başka bir program dosyanın yazma kilidini tutuyor ve {number} saniye boyunca bırakmadı. Kilidi tutan, {host} "
        "üzerindeki {pid} numaralı süreç: onu bekleyin ya da sonlandırın ve yeniden çalıştırın"
    ),
    (
        "another program holds the write lock of its file, and did not let it go in {number} seconds. The journal is "
        "open in {places}: resume or end the one that is stopped, and run again"
    ): (
        "başka bir program dosyanın yazma kilidini tutuyor ve {number} saniye boyunca bırakmadı. Günlüğü açık tutan "
        "süreçler: {places}. Durdurulmuş olanı sürdürün ya da sonlandırın ve yeniden çalıştırın"
    ),
    (
        "another program holds the write lock of its file, and did not let it go in {number} seconds. End it, and run "
        "again"
    ): (
        "başka bir program dosyanın yazma kilidini tutuyor ve {number} saniye boyunca bırakmadı. Onu sonlandırın ve "
        "yeniden çalıştırın"
    ),
    "the disk is full": "disk dolu",
    "the disk cannot be read or written, or has no room left": "disk okunamıyor, yazılamıyor ya da dolu",
    "the file is no database": "dosya bir veritabanı değil",
    "the file is damaged: restore it, or settle what it held by hand": (
        "dosya bozuk: yedekten geri yükleyin ya da içindekileri elle kontrol edip sonuçlandırın"
    ),
    "this user may only read it, or it was moved away": "bu kullanıcı yalnızca okuyabilir ya da dosya taşınmış",
    "this user may not open it": "bu kullanıcı açamaz",
    "it cannot be opened: it must be a file in a folder in which this user may write": (
        "açılamıyor: bu kullanıcının yazabildiği bir klasörde bir dosya olmalıdır"
    ),
    "a row contradicts the others": "bir satır ötekilerle çelişiyor",
    "its tables are not those of a journal of this version": "tabloları bu sürümün günlük tabloları değil",
    "there is no memory left": "bellek kalmadı",
    "SQLite reports {name}": "SQLite {name} bildiriyor",
    "the connection to the server was lost": "sunucuyla bağlantı koptu",
    "the connection to the server was lost, or cannot be made": "sunucuyla bağlantı koptu ya da kurulamıyor",
    "a value does not fit into its column": "bir değer sütununa sığmıyor",
    "the server may only be read: it is a replica": "sunucu yalnızca okunabilir: bir yedek kopya (replica)",
    "a transaction stood still for too long, and the server ended it": (
        "bir veritabanı işlemi çok uzun süre bekledi ve sunucu onu sonlandırdı"
    ),
    "the server does not accept this user or password": "sunucu bu kullanıcıyı ya da parolayı kabul etmiyor",
    "the server has no such database": "sunucuda böyle bir veritabanı yok",
    "another worker was in the way": "başka bir işçi süreçle çakıştı",
    "this user has no permission for it": "bu kullanıcının izni yok",
    "the server takes no more connections": "sunucu daha fazla bağlantı kabul etmiyor",
    "the server has no room or memory left": "sunucuda yer ya da bellek kalmadı",
    "another worker holds its rows for too long": "başka bir işçi süreç satırları çok uzun süre tutuyor",
    "the server cancelled the statement": "sunucu sorguyu iptal etti",
    "the server is being stopped or started, or ended the connection": (
        "sunucu durduruluyor, başlatılıyor ya da bağlantıyı kesti"
    ),
    "the server cannot read or write its disk": "sunucu diskini okuyamıyor ya da yazamıyor",
    "the server found its data damaged": "sunucu verilerini bozuk buldu",
    "the server could not wait for its replica, so what was written may be lost with it": (
        "sunucu yedek kopyasını (replica) bekleyemedi; yazılanlar onunla birlikte kaybolabilir"
    ),
    "the database reports {name}": "veritabanı {name} bildiriyor",
}
