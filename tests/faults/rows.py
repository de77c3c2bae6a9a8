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
    elsewhere: tuple[str, ...] = ()
    """How the names of the tests begin whose cases belong to the row without being cells of one call each."""
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
    Row(17, "200 with a login page; an error's page with a request id (row 47); empty; 204; null", "taken as success"),
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
        elsewhere=tuple(
            f"tests/test_blocking_processes.py::test_{name}" for name in ("a_signal", "whenever_a_signal", "a_keyboard")
        ),
        not_covered="Whole processes with one kind of call each, not all eight: a signal's way is the same for all.",
    ),
    Row(
        30,
        "fork, then calls in child and parent",
        "a hang; the parent broken",
        elsewhere=tuple(
            f"tests/test_blocking_processes.py::test_{name}"
            for name in ("a_fork", "a_client_made_before_a_fork", "the_parents_pooled", "multiprocessing_workers")
        ),
        not_covered="Whole processes with one kind of call each, as row 29. Linux only.",
    ),
    Row(31, "hostile ids", "one byte sent; another endpoint"),
    Row(
        32,
        "SIGKILL at each step of the journal",
        "a duplicate; a lost result",
        elsewhere=("tests/journal/test_kills.py::test_a_worker_killed",),
        not_covered="Cases by step of the journal, not by call.",
    ),
    Row(
        33,
        "SIGSTOP between mark and first byte, longer than the lease",
        "a zombie's send",
        elsewhere=(
            "tests/journal/test_kills.py::test_a_worker_that_slept",
            "tests/journal/test_kills.py::test_a_mark_that_has_grown_old",
        ),
        not_covered="As row 32.",
    ),
    Row(
        34,
        "two processes, the same operation",
        "both send",
        elsewhere=(
            "tests/journal/test_kills.py::test_processes_with_the_same_batch",
            "tests/journal/test_rules.py::test_several_journals_share_a_batch",
        ),
        not_covered="As row 32.",
    ),
    Row(
        35,
        "journal on a full, locked, read-only or corrupt disk",
        "a send without a durable mark",
        elsewhere=(
            "tests/journal/test_disk.py::test_nothing_is_sent_when_the_journal_fails",
            "tests/journal/test_disk.py::test_a_disk_with_no_room",
            "tests/journal/test_disk.py::test_an_unusable_place",
            "tests/journal/test_disk.py::test_a_file_that_may_only_be_read",
        ),
        not_covered="As row 32. A disk is full by a limit on the process or the file, not by a device that is full.",
    ),
    Row(
        36,
        "the result cannot be written after success",
        "resent; and the caller still gets the result",
        elsewhere=(
            "tests/journal/test_disk.py::test_answers_that_cannot_be_written",
            "tests/journal/test_disk.py::test_unrecorded_answers",
        ),
        not_covered="As row 32.",
    ),
    Row(
        57,
        "the network is cut before the first byte; the call times out, is cancelled, its process killed or stopped",
        "an execution when the network is whole again",
        elsewhere=tuple(
            f"tests/test_late_bytes.py::test_{name}" for name in ("the_bytes_of_a_call", "without_its_socket_options")
        ),
        not_covered="Linux with network namespaces; one kind of call. What a proxy holds back is beyond any client.",
    ),
    Row(
        67,
        "an unasked reply arrives just when a request goes out on the same connection",
        "a decision on another request's reply",
        elsewhere=tuple(
            f"tests/test_late_bytes.py::test_{name}" for name in ("a_read_with_a_connection", "an_unasked_reply")
        ),
        not_covered="A plain read on a shared connection risks it, in the half millisecond in which nobody can tell.",
    ),
)
