"""The clocks of Türkiye: winters of +02:00 until 2016, and no day that is moved by converting."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest

from kolay_invoice import ListInvoices, SendInvoice
from kolay_invoice.codec import structure
from kolay_invoice.turkiye import in_turkiye, on_turkiyes_clocks
from kolay_invoice.validators import to_date, to_datetime

WINTERS = ["2000-01-10", "2006-12-31", "2010-11-15", "2014-03-30", "2015-01-10", "2015-11-09", "2016-03-26"]
REST = ["2000-07-10", "2014-04-01", "2015-10-31", "2016-03-28", "2016-12-31", "2017-01-10", "2026-12-31"]


@pytest.fixture
def istanbul():
    try:
        return ZoneInfo("Europe/Istanbul")
    except ZoneInfoNotFoundError:
        pytest.skip("this system has no history of time zones to compare with")


def test_the_clocks_are_those_of_the_zones_history(istanbul):
    moment, end, step = datetime(1985, 1, 1, tzinfo=UTC), datetime(2018, 1, 1, tzinfo=UTC), timedelta(hours=1)
    while moment < end:
        expected = moment.astimezone(istanbul)
        assert in_turkiye(moment).utcoffset() == expected.utcoffset(), moment
        # The hour that does not exist is shown by no clock; of the one that exists twice the first is meant.
        shown = expected.replace(tzinfo=None)
        if expected.fold == 0:
            assert on_turkiyes_clocks(shown) == moment
        near = expected.month in {3, 4, 9, 10, 11}
        moment += step if near else timedelta(days=1)


@pytest.mark.parametrize(("day", "offset"), [*((day, "+02:00") for day in WINTERS), *((day, "+03:00") for day in REST)])
@pytest.mark.parametrize("clock", ["00:10:00", "23:50:00"])
def test_a_time_on_turkiyes_clocks_stays_on_its_day_everywhere(day, offset, clock):
    written = f"{day}T{clock}{offset}"
    moment = datetime.fromisoformat(written)

    assert to_datetime("a", written).isoformat() == to_datetime("a", moment).isoformat() == written
    assert to_date("a", moment) == date.fromisoformat(day)
    assert ListInvoices(1, "outbound", min_issue_date=moment).min_issue_date == date.fromisoformat(day)
    assert SendInvoice(sale_code="a", invoice_date=moment).invoice_date.isoformat() == written
    assert structure(written, date) == date.fromisoformat(day)
    assert structure(written, datetime).isoformat() == written


def test_what_lies_outside_the_calendar_is_refused_and_not_wrapped():
    with pytest.raises(OverflowError):
        in_turkiye(datetime.max.replace(tzinfo=UTC))
    with pytest.raises(OverflowError):
        on_turkiyes_clocks(datetime(1, 1, 1))  # noqa: DTZ001 - what a clock shows has no offset.
