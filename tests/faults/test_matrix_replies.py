"""Rows 7, 8 and 10 to 26: one call, one fault after the connection stands, one cell."""

from __future__ import annotations

import asyncio

from attrs import evolve

from kolay_invoice import AuthenticationError, InvalidRequestError, NotFoundError

from . import contents, faults
from .matrix import (
    BOTH,
    ERROR,
    OK,
    ONLY_ASYNC,
    PATIENCE,
    RATE_LIMITED,
    REFUSED,
    RETRIED,
    RETRIED_IN_VAIN,
    UNKNOWN,
    Line,
    each_call_in,
    each_case_of,
    in_row,
)

A_MOMENT = 0.4
"""Seconds until a call gives up, where giving up is the point: enough to connect and send on a busy machine."""


OF_A_DOCUMENT = "what became of a document that is read is no failure of the call"


def nothing_whole(row, fault):
    """A fault after which a read asks again and nobody else does."""
    return Line(row, fault, reads=RETRIED, effects=UNKNOWN)


def silence(row, fault):
    """A fault that lasts until the deadline.

    Only in the async form: the blocking twin runs the same coroutine, and would only spend the same time again.
    """
    return Line(row, fault, reads=RETRIED_IN_VAIN, effects=UNKNOWN, times=None, timeout=A_MOMENT, forms=ONLY_ASYNC)


def unreadable(row, fault, **but):
    """A whole HTTP reply with nothing in it that could be believed."""
    return Line(row, fault, reads=ERROR, effects=UNKNOWN, but=but)


def refusal(status, error):
    """A refusal that proves that nothing was executed."""
    cell = evolve(REFUSED, error=error)
    return Line(22, contents.refused(status), reads=cell, effects=cell)


MATRIX = (
    nothing_whole(7, faults.closed_before_read),
    nothing_whole(7, faults.reset_before_read),
    nothing_whole(8, faults.executed_then_closed),
    nothing_whole(8, faults.executed_then_reset),
    silence(10, faults.never_answered),
    silence(10, faults.answered_too_late),
    silence(11, faults.executed_after_the_client_has_gone),
    silence(12, faults.body_dripped),
    silence(12, faults.headers_dripped),
    silence(12, faults.endless_informational_replies),
    Line(12, faults.answered_after_an_informational_reply, reads=OK, effects=OK),
    nothing_whole(13, faults.status_line_cut),
    nothing_whole(13, faults.headers_cut),
    nothing_whole(13, faults.body_shorter_than_announced),
    nothing_whole(13, faults.chunk_cut),
    nothing_whole(13, faults.last_chunk_missing),
    nothing_whole(13, faults.chunk_size_bad),
    unreadable(13, contents.partial_content_206),
    nothing_whole(14, faults.body_cut_without_length),
    nothing_whole(14, faults.gzip_truncated),
    nothing_whole(14, faults.gzip_without_its_checksum),
    nothing_whole(14, faults.gzip_corrupt),
    nothing_whole(14, faults.gzip_that_is_none),
    nothing_whole(15, faults.garbage),
    nothing_whole(15, faults.http_0_9),
    nothing_whole(15, faults.http_2_frames),
    nothing_whole(15, faults.two_content_lengths),
    nothing_whole(15, faults.nul_in_a_header),
    nothing_whole(15, faults.header_of_20_kb),
    nothing_whole(15, faults.endless_headers),
    unreadable(15, faults.protocol_switched),
    *(
        Line(16, fault, reads=ERROR, effects=UNKNOWN, options={"max_reply_bytes": 1 << 20})
        for fault in (faults.gzip_bomb, faults.brotli_bomb, faults.endless_body)
    ),
    unreadable(17, contents.login_page),
    unreadable(47, contents.error_page_with_a_uuid),
    unreadable(17, contents.empty_200),
    unreadable(17, contents.no_content_204),
    unreadable(17, contents.json_null),
    unreadable(17, contents.apology_with_200),
    unreadable(18, contents.json_bomb),
    unreadable(18, contents.bad_utf_8),
    unreadable(18, contents.not_a_number),
    unreadable(18, contents.giant_integer),
    unreadable(
        19,
        contents.about_another_document,
        get_signed_xml="the request names a sale, and the document does not",
    ),
    Line(21, contents.success_false, reads=REFUSED, effects=REFUSED),
    *(
        unreadable("21b", fault)
        for fault in (
            contents.denied("success_in_a_text", success="false"),
            contents.denied("success_as_a_number", success=0),
            contents.denied("success_in_turkish", success="hayır"),
            contents.denied("ok", ok=False),
            contents.denied("result", result="0"),
            contents.denied("is_success", is_success="no"),
            contents.denied("error", error="İşlem reddedildi."),
            contents.denied("errors", errors=[{"code": 10400}], invoice_id=None),
            contents.denied_and_affirmed("false", "true"),
            contents.denied_and_affirmed("true", "false"),
            contents.no_result,
        )
    ),
    *(
        unreadable("21b", contents.denied(f"status_{word}", status=word))
        for word in ("error", "failed", "Hata", "pending", "Bekliyor")
    ),
    *(
        unreadable("21b", contents.denied_by_its_status(word), get_signed_xml=signed)
        for word, signed in (("failed", ERROR), ("rejected", OF_A_DOCUMENT), ("pending", ERROR), ("Bekliyor", ERROR))
    ),
    *(
        Line("22b", contents.said_by_nobody(status, form), reads=REFUSED, effects=UNKNOWN, forms=forms)
        for status in (400, 401, 403, 404, 412, 422)
        for form, forms in (("page", BOTH), ("nothing", ONLY_ASYNC), ("text", ONLY_ASYNC), ("another_json", ONLY_ASYNC))
    ),
    refusal(400, InvalidRequestError),
    refusal(401, AuthenticationError),
    refusal(403, AuthenticationError),
    refusal(404, NotFoundError),
    refusal(412, REFUSED.error),
    refusal(422, InvalidRequestError),
    Line(22, contents.refused_quoting_the_request, reads=REFUSED, effects=REFUSED),
    *(
        Line(23, fault(status), reads=REFUSED, effects=UNKNOWN)
        for status in (409, 410, 423)
        for fault in (contents.refused, contents.refused_executed)
    ),
    *(
        Line(24, contents.rate_limited(name, retry_after), reads=reads, effects=RATE_LIMITED)
        for name, retry_after, reads in (
            ("for_a_second", "1", RETRIED),
            ("until_a_date", contents.in_seconds(1), RETRIED),
            ("until_yesterday", contents.in_seconds(-86_400), RETRIED),
            ("without_a_time", None, RETRIED),
            ("for_minus_one", "-1", RETRIED),
            ("with_junk", "soon; maybe", RETRIED),
            ("for_nan", "nan", RETRIED),
            ("for_thirty_years", "1000000000", RATE_LIMITED),
            ("until_9999", "Fri, 31 Dec 9999 23:59:59 GMT", RATE_LIMITED),
        )
    ),
    *(
        Line(25, contents.failed(status, executed=executed), reads=RETRIED, effects=UNKNOWN)
        for status in (500, 502, 503, 504, 524)
        for executed in (False, True)
    ),
    *(
        Line(26, contents.redirected(status, elsewhere=elsewhere), reads=ERROR, effects=UNKNOWN)
        for status in (301, 302, 303, 307, 308)
        for elsewhere in (False, True)
    ),
    Line(27, contents.answered_with_cookies, reads=OK, effects=OK),
)


@each_case_of(MATRIX)
async def test_at_most_once_and_the_caller_gets_the_true_outcome(line, call, form, server, judge):
    server.fault(call.name, line.fault, line.times)

    async with asyncio.timeout(line.timeout + PATIENCE):
        async with form.client(call.provider, base_url=server.url, timeout=line.timeout, **line.options) as ask:
            outcome = await ask(call)
        await server.quiet()

    judge(call, line.cell(call), outcome, server)


@in_row(7)
@each_call_in(*BOTH)
async def test_a_reset_at_once_is_either_no_connection_or_an_open_question(call, form, server, judge):
    """The RST may overtake the news that the connection stands: then nothing was sent, and the call goes out again."""
    server.fault(call.name, faults.reset_on_accept)

    async with asyncio.timeout(PATIENCE), form.client(call.provider, base_url=server.url) as ask:
        outcome = await ask(call)

    judge(call, RETRIED if outcome.error is None else UNKNOWN, outcome, server)
    assert call.has_effect or outcome.error is None
