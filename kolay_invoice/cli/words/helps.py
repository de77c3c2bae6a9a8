"""The help in Turkish. The English text, a paragraph in one line, is the key: it stands in the commands themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

HELPS: Final[Mapping[str, str]] = {
    # Headings, and what the library of the command line says by itself.
    "Commands": "Komutlar",
    "Parameters": "Parametreler",
    "Everywhere": "Her komutta",
    "Display this message and exit.": "Bu yardımı gösterir.",
    "Display application version.": "Sürümü gösterir.",
    "Install shell completion for this application.": "Kabuk için otomatik tamamlamayı kurar.",
    (
        "This command generates and installs the completion script to the appropriate location for your shell. After "
        "installation, you may need to restart your shell or source your shell configuration file."
    ): (
        "Tamamlama betiğini oluşturur ve kabuğunuzun beklediği yere koyar. Ardından kabuğu yeniden başlatmanız veya "
        "yapılandırma dosyasını yeniden yüklemeniz gerekebilir."
    ),
    "Shell type for completion. If not specified, attempts to auto-detect current shell.": (
        "Hangi kabuk için. Verilmezse kullanılan kabuk bulunmaya çalışılır."
    ),
    "Output path for the completion script. If not specified, uses shell-specific default.": (
        "Tamamlama betiğinin yazılacağı yer. Verilmezse kabuğun olağan yeri."
    ),
    # The command as a whole.
    "Turkish e-invoicing through KolayBi and Propars.": "KolayBi ve Propars üzerinden e-fatura.",
    (
        "Exit codes: 0 done, 1 refused or no usable answer, 2 usage or configuration, 3 not sent, 4 it may have "
        "happened, 5 done, but the answer could not be printed and is on the standard error, 130 interrupted before "
        "anything was sent that has an effect."
    ): (
        "Çıkış kodları: 0 yapıldı, 1 reddedildi veya kullanılabilir yanıt gelmedi, 2 kullanım veya ayar hatası, "
        "3 gönderilmedi, 4 gerçekleşmiş olabilir, 5 yapıldı, ama yanıt yazılamadı ve standart hata çıktısında, 130 "
        "sonuç doğuracak bir şey gönderilmeden kesildi."
    ),
    "The language of messages. Default: KOLAY_INVOICE_LANG, or else the locale's.": (
        "Mesajların dili. Varsayılan: KOLAY_INVOICE_LANG, yoksa sistem dili."
    ),
    # Options of many commands.
    "The profile of the configuration file. Default: KOLAY_INVOICE_PROFILE, then the environment's accounts.": (
        "Yapılandırma dosyasındaki profil. Varsayılan: KOLAY_INVOICE_PROFILE, yoksa ortam değişkenlerindeki hesaplar."
    ),
    "Seconds that the call may take, with all its attempts.": (
        "Çağrının bütün denemeleriyle birlikte sürebileceği saniye."
    ),
    "Seconds that each call may take.": "Her çağrının sürebileceği saniye.",
    "Print one JSON document, for errors too.": "Hatalar dahil tek bir JSON belgesi yazar.",
    "Print one JSON document.": "Tek bir JSON belgesi yazar.",
    "Print one JSON document instead of a table.": "Tablo yerine tek bir JSON belgesi yazar.",
    "Print one JSON document instead of tables.": "Tablolar yerine tek bir JSON belgesi yazar.",
    "Print CSV with a header.": "Başlıklı CSV yazar.",
    "Do not ask.": "Onay istemez.",
    "Show the request, with its secrets masked, and send nothing.": (
        "İsteği sırları gizlenmiş olarak gösterir, hiçbir şey göndermez."
    ),
    # KolayBi.
    "Send, resend, collect and list e-invoices with KolayBi.": (
        "KolayBi ile e-fatura gönderir, yeniden gönderir, tahsil eder, listeler."
    ),
    "Send an invoice to the tax authority (GİB) and make it official. Cannot be undone.": (
        "Faturayı GİB'e gönderir ve resmîleştirir. Geri alınamaz."
    ),
    "The invoice must be ready_to_send and its receiver must have an e-mail address.": (
        "Fatura ready_to_send durumunda olmalı, alıcısının e-posta adresi bulunmalıdır."
    ),
    "The invoice's id in KolayBi.": "Faturanın KolayBi'deki numarası (id).",
    "Send a failed e-invoice again. Cannot be undone.": "Gönderilemeyen e-faturayı yeniden gönderir. Geri alınamaz.",
    "Only for companies that `kolay-invoice kolaybi companies` shows as resendable.": (
        "Yalnızca `kolay-invoice kolaybi companies` çıktısında yeniden gönderime açık görünen şirketler içindir."
    ),
    "Collect an invoice, in full or in part, and book the movement. Moves money.": (
        "Faturanın tamamını ya da bir kısmını tahsil eder, kasa hareketini işler. Para hareketi oluşturur."
    ),
    "`kolay-invoice kolaybi vault-transactions` shows the movements of the vault: evidence, and no proof.": (
        "`kolay-invoice kolaybi vault-transactions` kasa hareketlerini gösterir: ipucudur, kanıt değildir."
    ),
    "How much to collect, such as 100.50. Default: all that remains.": (
        "Tahsil edilecek tutar, örneğin 100.50. Varsayılan: kalanın tamamı."
    ),
    "The invoice's id in KolayBi; it may be in any status.": (
        "Faturanın KolayBi'deki numarası (id); durumu ne olursa olsun."
    ),
    "The vault (kasa/banka: cash desk or bank account) that gets the money.": (
        "Paranın gireceği kasa veya banka hesabının numarası."
    ),
    "List a company's e-invoices, each row as soon as it comes. Changes nothing.": (
        "Bir şirketin e-faturalarını, her satırı geldiği anda listeler. Hiçbir şeyi değiştirmez."
    ),
    "With --json, one array with a row a line; an array that is not closed is a list that broke off.": (
        "--json ile her satırı ayrı satırda tek bir dizi yazar; kapanmamış dizi, yarıda kesilmiş liste demektir."
    ),
    "The company's id in KolayBi. Default: that of the profile or KOLAYBI_COMPANY_ID, or the only one.": (
        "Şirketin KolayBi'deki numarası. Varsayılan: profildeki veya KOLAYBI_COMPANY_ID; yoksa tek şirket."
    ),
    "outbound (issued by the company) or inbound (received by it).": (
        "outbound (şirketin kestiği) veya inbound (şirkete gelen)."
    ),
    "Only this invoice.": "Yalnızca bu fatura.",
    "Only invoices from this day on, YYYY-MM-DD.": "Yalnızca bu günden sonraki faturalar, YYYY-AA-GG.",
    "Only invoices up to this day.": "Yalnızca bu güne kadarki faturalar.",
    "Only invoices of at least this total, such as 1250.75.": "Yalnızca en az bu tutardaki faturalar, örneğin 1250.75.",
    "Only invoices of at most this total.": "Yalnızca en çok bu tutardaki faturalar.",
    "Only invoices of this buyer or seller.": "Yalnızca bu alıcının veya satıcının faturaları.",
    "List the companies of the account, and which of them may use resend. Changes nothing.": (
        "Hesaptaki şirketleri ve hangilerinin yeniden gönderebildiğini listeler. Hiçbir şeyi değiştirmez."
    ),
    "Look at one invoice: its ETTN, number, status and what is still owed. Changes nothing.": (
        "Tek bir faturaya bakar: ETTN'i, numarası, durumu ve kalan tutarı. Hiçbir şeyi değiştirmez."
    ),
    "List the vaults (kasa/banka: cash desks and bank accounts) of the account. Changes nothing.": (
        "Hesaptaki kasaları ve banka hesaplarını listeler. Hiçbir şeyi değiştirmez."
    ),
    "Only vaults of this currency, such as try.": "Yalnızca bu para birimindeki kasalar, örneğin try.",
    "Only vaults of this type: bank_account or safe_deposit.": (
        "Yalnızca bu türdeki kasalar: bank_account (banka hesabı) veya safe_deposit (kasa)."
    ),
    "List the movements of a vault: evidence of a collection for a person, and no proof. Changes nothing.": (
        "Bir kasanın hareketlerini listeler: tahsilat için ipucudur, kanıt değildir. Hiçbir şeyi değiştirmez."
    ),
    "The vault (kasa/banka) whose movements are asked for.": "Hareketleri istenen kasa veya banka hesabının numarası.",
    # Propars.
    "List sales with Propars; preview, send and cancel their invoices, fetch signed XML.": (
        "Propars'ta satışları listeler; faturalarını önizler, gönderir, iptal eder; imzalı XML alır."
    ),
    "Show the invoice of a sale as HTML, and create it when the sale has none. This call sends nothing.": (
        "Satışın faturasını HTML olarak gösterir, faturası yoksa oluşturur. Bu çağrı hiçbir şey göndermez."
    ),
    "It also shows an invoice that was sent before, so a page says nothing of whether the invoice is official.": (
        "Daha önce gönderilmiş faturayı da gösterir; yani gelen sayfa, faturanın resmî olup olmadığını söylemez."
    ),
    "List sales, and whether each has an invoice and was sent. Changes nothing.": (
        "Satışları, faturaları olup olmadığını ve gönderilip gönderilmediğini listeler. Hiçbir şeyi değiştirmez."
    ),
    "Only sales ordered from this day on, YYYY-MM-DD.": (
        "Yalnızca siparişi bu günden sonra verilen satışlar, YYYY-AA-GG."
    ),
    "Only sales ordered up to this day.": "Yalnızca siparişi bu güne kadar verilen satışlar.",
    "Only sales that have an invoice, or have none.": "Yalnızca faturası olan (ya da olmayan) satışlar.",
    "Only sales whose invoice was sent, or was not.": "Yalnızca faturası gönderilmiş (ya da gönderilmemiş) satışlar.",
    "Only the sale with this invoice number.": "Yalnızca bu fatura numarasının satışı.",
    "Only sales of this common status; its values are unpublished.": (
        "Yalnızca bu ortak durumdaki (common_status) satışlar; olabilecek değerler yayımlanmamış."
    ),
    "Only sales of this status; its values are unpublished.": (
        "Yalnızca bu durumdaki satışlar; olabilecek değerler yayımlanmamış."
    ),
    "Only sales of this source, such as store or website.": (
        "Yalnızca bu kaynaktan gelen satışlar, örneğin store veya website."
    ),
    "Only sales in which this text is found.": "Yalnızca içinde bu metin geçen satışlar.",
    "By which field the rows are ordered; a minus in front turns them around.": (
        "Satırların sıralanacağı alan; başına eksi konursa sıralama tersine döner."
    ),
    "Look at one sale, and whether it has an invoice and was sent. Changes nothing.": (
        "Tek bir satışa, faturası olup olmadığına ve gönderilip gönderilmediğine bakar. Hiçbir şeyi değiştirmez."
    ),
    "Look at one invoice of a sale. Changes nothing.": "Bir satışın tek bir faturasına bakar. Hiçbir şeyi değiştirmez.",
    "The code of the sale (satış kodu, sale_code).": "Satış kodu (sale_code).",
    "The id of the sale in Propars.": "Satışın Propars'taki numarası (id).",
    "Show it in the browser, from a page that lets nothing of the provider's HTML run.": (
        "Tarayıcıda, sağlayıcının HTML'inden hiçbir şeyin çalışmadığı bir sayfada gösterir."
    ),
    "Write it to this new file, as a page that is safe to open.": (
        "Bu yeni dosyaya, açılması güvenli bir sayfa olarak yazar."
    ),
    "Print it to this new file; needs Chromium, Chrome or Edge.": (
        "Bu yeni dosyaya PDF olarak basar; Chromium, Chrome veya Edge gerekir."
    ),
    "The invoice's date, ISO 8601 with offset; needed where automatic dating is off.": (
        "Faturanın tarihi, saat farkıyla ISO 8601; otomatik tarih kapalıysa gerekir."
    ),
    "The ETTN to give it, a UUID of version 4.": "Faturaya verilecek ETTN, sürüm 4 UUID.",
    "The number to give it, 16 characters.": "Faturaya verilecek numara, 16 karakter.",
    "Undocumented by the provider; probably the 3-letter prefix.": (
        "Sağlayıcı belgelememiş; büyük olasılıkla 3 harfli ön ek."
    ),
    "Send the invoice of a sale to the tax authority, creating it when there is none. Cannot be undone.": (
        "Satışın faturasını GİB'e gönderir, yoksa oluşturur. Geri alınamaz."
    ),
    "The id of an invoice that was created before.": "Daha önce oluşturulmuş bir faturanın numarası (id).",
    "The id of the invoice.": "Faturanın numarası (id).",
    "Fetch the signed XML of an invoice that was sent, byte for byte. Changes nothing.": (
        "Gönderilmiş bir faturanın imzalı XML'ini baytı baytına alır. Hiçbir şeyi değiştirmez."
    ),
    "Write the document to this new file, which only you can read.": (
        "Belgeyi, yalnızca sizin okuyabileceğiniz bu yeni dosyaya yazar."
    ),
    "Verify the signature too, as `kolay-invoice xml verify` does, and print what it proves.": (
        "İmzayı da `kolay-invoice xml verify` gibi doğrular ve neyi kanıtladığını yazar."
    ),
    "With --verify: the one certificate that must have signed, PEM or DER.": (
        "--verify ile: imzalamış olması gereken tek sertifika, PEM veya DER."
    ),
    "With --verify: certificates of issuers, PEM.": "--verify ile: sertifika verenlerin sertifikaları, PEM.",
    "Cancel the invoice that a sale has now. Cannot be undone.": (
        "Satışın şu anki faturasını iptal eder. Geri alınamaz."
    ),
    (
        "Possible for an e-Arşiv invoice whose report has not gone to the tax authority, and for an e-invoice that was "
        "created and not sent. It names the sale: a late second cancel could hit a newer invoice of the same sale."
    ): (
        "Raporu GİB'e gitmemiş e-Arşiv faturası ile oluşturulup gönderilmemiş e-fatura için mümkündür. Satış "
        "belirtilir: geç kalan ikinci bir iptal, aynı satışın daha yeni bir faturasını iptal edebilir."
    ),
    # Batches.
    "Send many operations from a file, each at most once, across crashes and restarts.": (
        "Bir dosyadaki işlemleri, çökme ve yeniden başlatmalara karşın her birini en çok bir kez gönderir."
    ),
    "Send what a file asks for. Cannot be undone. Running it again goes on where it stopped.": (
        "Dosyanın istediklerini gönderir. Geri alınamaz. Yeniden çalıştırılınca kaldığı yerden sürer."
    ),
    (
        "FILE is CSV with a header, or JSON Lines: the column operation is create-e-document, resend, proceed, "
        "propars-send or propars-cancel, and the other columns are its fields; occasion says why the same thing is "
        "done "
        "once more. The credentials come from a profile, or from KOLAYBI_* and PROPARS_* variables. Ctrl-C starts "
        "nothing more and waits for what is on its way; a second one does not wait."
    ): (
        "FILE başlıklı CSV veya JSON Lines'tır: operation sütunu create-e-document, resend, proceed, propars-send veya "
        "propars-cancel değerini alır, öteki sütunlar alanlarıdır; occasion, aynı işlemin neden bir kez daha "
        "yapıldığını söyler. Kimlik bilgileri profilden veya KOLAYBI_* ve "
        "PROPARS_* değişkenlerinden gelir. Ctrl-C yenisini başlatmaz, yolda olanları bekler; ikincisi beklemez."
    ),
    (
        "Exit code 0: every operation is done or refused; 4: some are not, for a quiet period, a person or another "
        "run; 3: nothing could be sent; 2: the file or the arguments are wrong, or lines of it conflict with what is "
        "known; "
        "1: a person said no."
    ): (
        "Çıkış kodu 0: bütün işlemler yapıldı veya reddedildi; 4: kimileri bekleme süresini, bir kişiyi veya başka bir "
        "çalıştırmayı bekliyor; 3: hiçbir şey gönderilemedi; 2: dosya veya argümanlar yanlış, ya da satırlar bilinenle "
        "çelişiyor; 1: onay verilmedi."
    ),
    "The file, UTF-8.": "Dosya, UTF-8.",
    "Where every step is written down: sqlite:///sends.db or postgresql://user@host/database.": (
        "Her adımın yazıldığı gönderim defteri: sqlite:///sends.db veya postgresql://user@host/database."
    ),
    "How many calls may be on their way at once.": "Aynı anda kaç çağrının yolda olabileceği.",
    (
        "Seconds after which what may have happened is looked up at the provider. At least 60, but for a provider on "
        "this machine."
    ): (
        "Gerçekleşmiş olabilecek işlemin kaç saniye sonra sağlayıcıdan sorgulanacağı. Bu makinedeki sağlayıcılar "
        "dışında "
        "en az 60."
    ),
    (
        'Why everything in the file is done once more, such as "February". With another occasion, the same line is '
        "another operation."
    ): (
        'Dosyadakilerin neden bir kez daha yapıldığı, örneğin "Şubat". Başka bir occasion ile aynı satır başka bir '
        "işlemdir."
    ),
    (
        "Look each operation up before it is sent, and send it only where it is seen unsent: for a new journal after "
        "sends that were made without one."
    ): (
        "Her işlemi göndermeden önce sorgular, yalnızca gönderilmediği görülürse gönderir: deftersiz yapılmış "
        "gönderimlerden sonra açılan yeni bir defter için."
    ),
    "Seconds after which an operation that no look decides waits for a person.": (
        "Hiçbir sorgunun karara bağlayamadığı işlemin kaç saniye sonra elle kontrole bırakılacağı."
    ),
    (
        "Take what no list shows as not sent, and send it again. Can send an invoice twice; only where `kolay-invoice "
        "doctor` has shown that the filter of the list works."
    ): (
        "Hiçbir listede görünmeyeni gönderilmemiş sayıp yeniden gönderir. Faturayı iki kez gönderebilir; yalnızca "
        "`kolay-invoice doctor` ile listedeki süzgecin çalıştığı görüldüyse kullanın."
    ),
    (
        "KolayBi's company whose list is looked into. Default: that of the profile or KOLAYBI_COMPANY_ID, or else all "
        "companies."
    ): ("Listesine bakılacak KolayBi şirketi. Varsayılan: profildeki veya KOLAYBI_COMPANY_ID; yoksa bütün şirketler."),
    "Leave out lines that cannot be read, instead of sending nothing until they are mended.": (
        "Okunamayan satırları, düzeltilmelerini beklemek yerine dışarıda bırakır."
    ),
    "Check the file, show what would be sent where and what the journal holds of it, and send nothing.": (
        "Dosyayı denetler; neyin nereye gideceğini ve gönderim defterinde ne olduğunu gösterir, hiçbir şey göndermez."
    ),
    "Show how many operations of a journal stand in each state, and with --state which ones.": (
        "Gönderim defterinde her durumda kaç işlem olduğunu, --state ile hangileri olduğunu gösterir."
    ),
    "Without --state it also says which journal it is, and whether it may lack what it once held.": (
        "--state verilmezse hangi defter olduğunu ve defterde eksik kayıt olup olmayacağını da söyler."
    ),
    "Write down that a journal lacks nothing, or that all that it may lack was looked up. Cannot be undone.": (
        "Gönderim defterinde eksik olmadığını ya da eksik olabileceklerin hepsine bakıldığını yazar. Geri alınamaz."
    ),
    "Operations are sent again without being looked up first.": "İşlemler yeniden, önce sorgulanmadan gönderilir.",
    "The journal's URL. It must exist.": "Gönderim defterinin URL'si. Var olmalıdır.",
    "Show the operations in this state, oldest first.": "Bu durumdaki işlemleri eskiden yeniye gösterir.",
    "Write down whether an operation has happened that may have, after a person has looked at the provider.": (
        "Gerçekleşmiş olabilecek bir işlemin sonucunu, bir kişi sağlayıcıya baktıktan sonra gönderim defterine yazar."
    ),
    (
        "What is settled as not done is sent by the next run; if it was refused before, with corrected fields too. Of "
        "a "
        "collection, the movements of its vault near it are shown first, where the account can be asked; without "
        "--done "
        "and --not-done nothing else is done."
    ): (
        "Yapılmadı olarak yazılanı bir sonraki çalıştırma gönderir; daha önce reddedilmişse düzeltilmiş alanlarla da. "
        "Tahsilatta, hesaba sorulabiliyorsa önce kasanın buna yakın hareketleri gösterilir; --done ve --not-done "
        "verilmezse başka bir şey yapılmaz."
    ),
    (
        "The profile whose account is asked for the movements of a vault. Default: KOLAY_INVOICE_PROFILE, then the "
        "environment's accounts."
    ): (
        "Kasa hareketleri hangi profilin hesabından sorulacak. Varsayılan: KOLAY_INVOICE_PROFILE, sonra ortamdaki "
        "hesaplar."
    ),
    "The operation's key, as `batch status` shows it.": "İşlemin anahtarı, `batch status` çıktısındaki gibi.",
    "It has happened.": "Gerçekleşti.",
    "It has not happened.": "Gerçekleşmedi.",
    "How that is known; it is kept in the journal.": "Bunun nereden bilindiği; gönderim defterinde saklanır.",
    # Signed documents.
    "Check signed UBL-TR documents in files.": "Dosyalardaki imzalı UBL-TR belgelerini denetler.",
    "Verify the signature of a document and print what it proves. Nothing goes over the network.": (
        "Bir belgenin imzasını doğrular ve neyi kanıtladığını yazar. Ağa hiçbir şey çıkmaz."
    ),
    (
        "Without --certificate or --trust-store it is only proven that nobody has changed the document since it was "
        "signed with the certificate that it carries; whose certificate that is remains open."
    ): (
        "--certificate veya --trust-store verilmezse yalnızca, belgenin içindeki sertifikayla imzalandıktan sonra "
        "değiştirilmediği kanıtlanır; o sertifikanın kime ait olduğu açık kalır."
    ),
    "Exit code 1: the signature does not hold, or the document is another one.": (
        "Çıkış kodu 1: imza geçerli değil veya belge başka bir belge."
    ),
    "The document, byte for byte as it came.": "Belge, geldiği gibi baytı baytına.",
    "The one certificate that must have signed, PEM or DER.": "İmzalamış olması gereken tek sertifika, PEM veya DER.",
    "Certificates of issuers, PEM.": "Sertifika verenlerin sertifikaları, PEM.",
    "The ETTN that the document must have.": "Belgenin taşıması gereken ETTN.",
    # Profiles.
    "Profiles of credentials, in a private file.": "Kimlik bilgisi profilleri, size özel bir dosyada.",
    "Write one setting of a profile. A secret is asked for and not shown while it is typed.": (
        "Bir profilin tek bir ayarını yazar. Gizli bilgi sorulur, yazılırken gösterilmez."
    ),
    (
        "Settings: kolaybi.channel, kolaybi.api_key, kolaybi.access_token, kolaybi.base_url, kolaybi.company_id, "
        "propars.username, propars.password, propars.token, propars.base_url."
    ): (
        "Ayarlar: kolaybi.channel, kolaybi.api_key, kolaybi.access_token, kolaybi.base_url, kolaybi.company_id, "
        "propars.username, propars.password, propars.token, propars.base_url."
    ),
    "Provider and name, as in kolaybi.api_key.": "Sağlayıcı ve ad, kolaybi.api_key gibi.",
    "Only for what is no secret: a base_url or company_id. sandbox and production name KolayBi's hosts.": (
        "Yalnızca gizli olmayanlar için: base_url veya company_id. sandbox ve production, KolayBi'nin adresleridir."
    ),
    "The profile.": "Profil.",
    "Keep the secret in the system's keyring; the file only says so.": (
        "Gizli bilgiyi sistem anahtarlığında tutar; dosya yalnızca bunu söyler."
    ),
    "Remove one setting of a profile, and its secret from the system's keyring.": (
        "Bir profilin tek bir ayarını, gizli bilgisi sistem anahtarlığındaysa oradan da siler."
    ),
    "Show where the file is and which settings its profiles have, without any secret.": (
        "Dosyanın yerini ve profillerindeki ayarları, hiçbir gizli bilgi olmadan gösterir."
    ),
    "Show this profile only. Default: all of them.": "Yalnızca bu profili gösterir. Varsayılan: hepsi.",
    # The demonstration, the emulator and the doctor.
    "Show the eight calls, async and blocking, against the embedded emulator, with one fault of each kind.": (
        "Sekiz çağrıyı, asenkron ve bloklayan, gömülü emülatöre karşı ve her türden bir arızayla gösterir."
    ),
    "Nothing leaves this machine. Exit code 0 only when everything did what it should.": (
        "Bu makineden hiçbir şey çıkmaz. Çıkış kodu ancak her şey olması gerektiği gibiyse 0'dır."
    ),
    "Emulate both providers on this machine until Ctrl-C, and print the variables with which to reach them.": (
        "İki sağlayıcıyı da Ctrl-C'ye kadar bu makinede taklit eder ve ulaşmak için gereken değişkenleri yazar."
    ),
    "The address to listen on.": "Dinlenecek adres.",
    "The port to listen on; 0 takes a free one.": "Dinlenecek port; 0 boş olan birini seçer.",
    "NAME=RATE: strike this share of all calls, as in drop-after=0.1. Can be given several times.": (
        "AD=ORAN: çağrıların bu oranı arızalanır, drop-after=0.1 gibi. Birden çok kez verilebilir."
    ),
    "Whether a second send of the same document or sale is refused or carried out again.": (
        "Aynı belgenin veya satışın ikinci kez gönderilmesi reddedilsin mi, yeniden yapılsın mı."
    ),
    (
        "NAME=POSITION: how it behaves where nobody knows how the providers do, as in list_filter=number. The names "
        "and their positions are in the documentation, and a wrong one lists them. Can be given several times."
    ): (
        "AD=KONUM: sağlayıcıların nasıl davrandığının bilinmediği yerde nasıl davranacağı, list_filter=number gibi. "
        "Adlar ve konumları belgelerdedir; yanlış yazılan ad bunları listeler. Birden çok kez verilebilir."
    ),
    "Seconds that every call takes.": "Her çağrının sürdüğü saniye.",
    "Print the address and the variables as one JSON line.": "Adresi ve değişkenleri tek bir JSON satırı olarak yazar.",
    "Check what this package assumes of the providers with your account. Reads only; changes nothing.": (
        "Bu paketin sağlayıcılar hakkındaki varsayımlarını hesabınızla denetler. Yalnızca okur; bir şey değiştirmez."
    ),
    (
        "The report is Markdown and holds no credential and no data of buyers, so it can be attached to a bug report. "
        "Exit code 1: something assumed does not hold, or a provider could not be asked."
    ): (
        "Rapor Markdown'dır; kimlik bilgisi ve alıcı verisi içermez, hata bildirimine eklenebilir. Çıkış kodu 1: bir "
        "varsayım doğru çıkmadı veya bir sağlayıcıya sorulamadı."
    ),
    "Check this provider only. Default: each that there are credentials for.": (
        "Yalnızca bu sağlayıcıyı denetler. Varsayılan: kimlik bilgisi olanların hepsi."
    ),
    "A sale of Propars whose invoice was sent: its signed XML is fetched and looked at.": (
        "Faturası gönderilmiş bir Propars satışı: imzalı XML'i alınıp incelenir."
    ),
    "The same by its id.": "Aynısı, numarasıyla (id).",
    "Write the report to this new file.": "Raporu bu yeni dosyaya yazar.",
    "Print the report as one JSON document.": "Raporu tek bir JSON belgesi olarak yazar.",
}
