"""The rows of the fault matrix in words: what goes wrong, what must never happen, and what a row does not cover."""

from __future__ import annotations

from typing import TypeAlias

from attrs import frozen

RowNumber: TypeAlias = int | str
"""A number, or a number and a letter: 21b stands behind 21."""


def place_of(number: RowNumber) -> tuple[int, str]:
    """Return what rows are sorted by."""
    text = str(number)
    letter = text.lstrip("0123456789")
    return int(text.removesuffix(letter)), letter


@frozen
class Row:
    """One row of the matrix."""

    number: RowNumber
    fault: str
    never: str
    ends: str = ""
    """What it must end as, where that is not told for each call by the tables of the matrix."""
    not_covered: str = ""


ROWS = (
    Row(1, "connection refused, unknown name", "called unknown"),
    Row(
        2,
        "nobody accepts (full backlog)",
        "waits past the connect timeout",
        not_covered="A full backlog stands in for a network that swallows packets; no packet filter is used.",
    ),
    Row(3, "every slot of the limiter is taken", "a queue time-out called unknown"),
    Row(4, "self-signed, wrong host, plaintext on the TLS port", "one byte of the request"),
    Row(5, "TLS handshake closed, reset or hanging", "called unknown"),
    Row(
        6,
        "proxy refuses, 407, 502 on CONNECT",
        "the proxy's status reported as the provider's",
        not_covered="HTTP proxies only. A proxy that closes is tried again like a refused connection.",
    ),
    Row(
        7,
        "closed or reset before it was read",
        "a silent resend",
        not_covered="An RST at once may overtake the news of the connection; then either cell is right.",
    ),
    Row(8, "executed, then FIN or RST", "two executions"),
    Row(9, "idle connection closed; second request on it", "two executions"),
    Row(
        10,
        "no answer; answer after the time-out",
        "the result lost",
        not_covered="Async only: the blocking twin runs the same coroutine and would spend the same time again.",
    ),
    Row(
        11, "executes after the client has gone", "resent before the effect lands", not_covered="Async only, as row 10."
    ),
    Row(
        12,
        "byte drip, slow headers, endless 1xx",
        "runs past the deadline",
        not_covered="What lasts until the deadline: async only, as row 10.",
    ),
    Row(13, "partial head; short body; cut or bad chunk", "an invented 400 as refusal; a part taken for the whole"),
    Row(14, "body without a length cut; truncated or corrupt gzip", "truncated HTML or XML as success"),
    Row(15, "garbage, HTTP/0.9, HTTP/2, two lengths, NUL, 20 kB header", "as row 13"),
    Row(
        16,
        "decompression bomb; endless body",
        "memory over twice the cap",
        not_covered="Memory is measured for two calls; a document packed inside the reply is bounded in tests/fuzz.",
    ),
    Row(17, "200 with a login page; empty; 204; null", "taken as success"),
    Row(18, "200 with a JSON bomb, bad UTF-8, NaN, giant integer", "an untyped exception"),
    Row(
        19,
        "reply for another document",
        "the wrong result stored",
        not_covered=(
            "get_signed_xml has no cell: a document names no sale, so another's cannot be told from it. "
            "A collection is known only where the reply repeats the document."
        ),
    ),
    Row(20, "unsolicited second response 50 ms late", "the next call reads it"),
    Row(21, "200 with success: false", "retry"),
    Row(
        "21b",
        "200 with a no in another form: success in any spelling, a status, an error, nulls, a name twice",
        "taken as success",
        not_covered=(
            "The words are guesses, and Turkish and English only. What became of a document that was read is no no: "
            "the status in a row of a list, and of a signed document that a receiver rejected."
        ),
    ),
    Row(22, "400, 401, 403, 404, 412, 422; fetching the token", "retry, but for one new token; a token in the message"),
    Row(
        "22b",
        "400, 401, 403, 404, 412, 422 in nobody's words: a page, nothing, text, another JSON",
        'concluded "not executed"; a new token and a repeat',
    ),
    Row(23, "409, 410, 423", 'concluded "not sent"'),
    Row(24, "429 with any Retry-After", "waits less than it says, or for ever"),
    Row(25, "500, 502, 503, 504, 524, executed or not", "a blind resend"),
    Row(26, "301, 302, 303, 307, 308, same and other origin", "a second request; a credential elsewhere"),
    Row(27, "Set-Cookie, then another account's call", "a Cookie header"),
    Row(28, "cancelled before it left, after, while reading", "a swallowed cancel; shielding it"),
    Row(
        29,
        "Ctrl-C or SIGALRM in a blocking call",
        "the call sent after the interrupt",
        ends="the signal is raised, with a note that says what became of the call",
        not_covered="Whole processes with one kind of call each, not all eight: a signal's way is the same for all.",
    ),
    Row(
        30,
        "fork, then calls in child and parent",
        "a hang; the parent broken",
        ends="both get their answers",
        not_covered="Whole processes with one kind of call each, as row 29. Linux only.",
    ),
    Row(31, "hostile ids", "one byte sent; another endpoint"),
    Row(
        32,
        "SIGKILL at each step of the journal",
        "a duplicate; a lost result",
        ends="the next run goes on where the killed one stopped",
        not_covered="Cases by step of the journal, not by call.",
    ),
    Row(
        33,
        "SIGSTOP between mark and first byte, longer than the lease",
        "a zombie's send",
        ends="the stopped worker sends nothing when it wakes",
        not_covered="As row 32.",
    ),
    Row(
        34,
        "two processes, the same operation",
        "both send",
        ends="one of them sends it, the other one reports it",
        not_covered="As row 32.",
    ),
    Row(
        35,
        "journal on a full, locked, read-only or corrupt disk",
        "a send without a durable mark",
        ends="an error before anything is sent",
        not_covered="As row 32. A disk is full by a limit on the process or the file, not by a device that is full.",
    ),
    Row(
        36,
        "the result cannot be written after success",
        "a second send; a result that the caller does not get",
        ends="unknown in the journal, and the result in the error",
        not_covered="As row 32.",
    ),
    Row(
        37,
        "the list is filtered by another number than it says, or not at all",
        "a second send because a list was empty",
        ends="unknown, until other evidence shows the document",
    ),
    Row(
        38,
        "the list shows a send ten minutes or an hour later, or never",
        "a second send because the list did not show the first",
        ends="unknown, until it is seen",
        not_covered="The lag is switched off to end it; nobody waits for an hour.",
    ),
    Row(
        39,
        "the document's own record is refused, missing or a page, or has no ETTN, number or status",
        "taken for a document that was not sent",
        ends="unknown",
    ),
    Row(
        40,
        "the document's own record contradicts itself, or is another document's",
        "taken for a yes or for a no",
        ends="unknown",
    ),
    Row(
        41,
        "a first or second send is refused because the document was sent already",
        "a refusal, and the ETTN lost",
        ends="read back: done, with its ETTN, where it is official",
    ),
    Row(
        42,
        "the signed document is not there yet while its sale is being sent",
        "a second send",
        ends="unknown",
    ),
    Row(
        43,
        "a send after a cancellation that is done",
        "reported as done without an execution",
        ends="executed once more",
        not_covered="Sales of Propars. No call takes a collection back, so none follows one that was taken back.",
    ),
    Row(
        44,
        "a resend of a document that failed once more",
        "done without an execution; two executions for one occasion",
        ends="executed once for each occasion",
    ),
    Row(
        45,
        "a refused request is corrected, and a person lets it go again",
        "a conflict that nothing ends",
        ends="sent with its new fields",
    ),
    Row(
        46,
        "a vault shows no, one or two movements of the amount of a collection in doubt",
        "decided by the amount",
        ends="a person decides, and is shown the movements",
    ),
    Row(
        47,
        "a page of an error that holds an id, instead of a preview",
        "taken for an invoice",
        ends="unknown for the call that creates, an error for a read",
    ),
    Row(
        48,
        "the database commits, and its answer is lost",
        "a mark made twice; an answer lost",
        ends="read again: what is written decides",
    ),
    Row(
        49,
        "the journal's file is deleted, moved or replaced during a run",
        "a send under a journal that its path does not lead to",
        ends="the run stops, names the file, and hands over what was answered",
    ),
    Row(
        50,
        "one journal file under two names, or without its side files",
        "two runs that do not see each other",
        ends="not opened, or stopped, with the reason",
        not_covered="Two containers are two mount namespaces of one machine.",
    ),
    Row(
        51,
        "a journal in memory; a path that two programs read differently",
        "two journals for one address",
        ends="refused, or read in one way only and shown so",
    ),
    Row(
        52,
        "an older copy of the SQLite file, or one without its log, is put in place",
        "a second send of what the copy lacks",
        ends="noticed at opening; each operation is looked up before it is sent",
    ),
    Row(
        53,
        "PostgreSQL fails over to a server that lacks commits, or is restored from a dump",
        "a second send of what is lacking",
        ends="noticed by the next connection; each operation is looked up before it is sent",
    ),
    Row(
        54,
        "a commit comes back before its replica or its disk has it",
        "a send under such a mark",
        ends="not believed, and written again",
    ),
    Row(
        55,
        "clocks are set, run apart, or jump; the machine sleeps",
        "two executions; an operation that waits for ever",
        ends="waits are counted by a clock that nobody sets, and begin anew where there is doubt",
        not_covered="A machine's sleep is played by the package's clock functions.",
    ),
    Row(
        56,
        "all clocks of a machine stand still for longer than its lease",
        "a send under a mark that was made before",
        ends="the database refuses the mark of a lease that was taken over",
        not_covered="A machine that stands still between the mark's commit and the first byte. Its clocks are played.",
    ),
    Row(
        57,
        "the network is cut before the first byte; the call times out, is cancelled, its process killed or stopped",
        "an execution when the network is whole again",
        ends="the kernel gives the bytes up; a quiet period that is shorter is refused",
        not_covered="Linux with network namespaces; one kind of call. What a proxy holds back is beyond any client.",
    ),
    Row(
        58,
        "a worker stands still in a transaction, or its machine is gone",
        "the others wait for as long as that lasts",
        ends="the others go on within 15 seconds",
    ),
    Row(
        59,
        "another worker has taken the lease over",
        "an error in the database's words",
        ends="an error that says by whom and when; nothing more is sent",
    ),
    Row(
        60,
        "a signed document that is a draft, of another kind, or names another ETTN in other places",
        "done with an ETTN that is not the invoice's; reading time that grows with the square",
        ends="unknown, with what was seen",
    ),
    Row(
        61,
        "the answer of a command cannot be printed",
        "an answer that nobody is told; a traceback",
        ends="told on the standard error, with ETTN and number, and an exit code of its own",
    ),
    Row(
        62,
        "Ctrl-C or a signal at any moment, once or twice",
        "silence about an execution",
        ends="the answer, or a word that says unknown or not sent",
        not_covered="Moments are drawn at random, 150 calls for each seed; not each bytecode.",
    ),
    Row(
        63,
        "a process forks, stops its loop or leaves while its journal is open",
        "a hang; two processes on one connection",
        ends="the child is told whose journal it is; the parent or the next run goes on",
    ),
    Row(
        64,
        "the source of requests blocks the event loop for longer than the lease",
        "a run that ends for it",
        ends="the lease is kept, and a warning names the source",
    ),
    Row(
        65,
        "a process has no memory, file size, descriptors or threads left in the middle of a run",
        "two executions; an answer lost; a MemoryError without a word",
        ends="an error that says what is missing, or the run goes on; the next run does the rest",
        not_covered=(
            "The limit of threads is played, for the kernel's own does not hold for root. Without any memory Python "
            "itself can stand still: such a process is killed, as a system does it."
        ),
    ),
    Row(
        66,
        "the list shows a document twice, unsent and sent",
        "taken for unsent because of one of its rows",
        ends="done where one sight of it shows it sent; otherwise unknown",
    ),
    Row(
        67,
        "an unasked reply arrives just when a request goes out on the same connection",
        "a decision on another request's reply",
        ends="reads that are evidence have a connection of their own",
        not_covered="A plain read on a shared connection risks it, in the half millisecond in which nobody can tell.",
    ),
    Row(
        68,
        "the lease's renewal fails once; an owner is seen from another namespace; an absurd concurrency",
        "a takeover from a worker that lives; a lease that ends in silence",
        ends="renewed again and told; alive as far as is known; refused by a bound",
    ),
)
