"""The time of Türkiye: +03:00 all year since September 2016; before, +02:00 in winter and +03:00 in summer.

A table of our own, because not every system has the zone's history. What it gives has a fixed offset: two such times
compare as moments, whatever their offsets.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Final

SUMMER: Final = timezone(timedelta(hours=3))
"""Also the time of the whole year since 2016."""
WINTER: Final = timezone(timedelta(hours=2))

_FIRST_YEAR: Final = 1985
# Of each year, month and day on which the summer began and ended, in UTC; in the last one it began and never ended.
_SUMMERS: Final = (
    "0419-0927",
    "0329-0927",
    "0328-0926",
    "0326-0924",
    "0325-0923",
    "0324-0929",
    "0330-0928",
    "0328-0926",
    "0327-0925",
    "0319-0924",
    "0325-0923",
    "0330-1026",
    "0329-1025",
    "0328-1024",
    "0327-1030",
    "0325-1028",
    "0324-1027",
    "0330-1026",
    "0329-1025",
    "0327-1030",
    "0326-1029",
    "0325-1028",
    "0325-1028",
    "0330-1026",
    "0329-1025",
    "0328-1031",
    "0328-1030",
    "0325-1028",
    "0331-1027",
    "0331-1026",
    "0329-1108",
    "0327-",
)
_LAST_YEAR: Final = _FIRST_YEAR + len(_SUMMERS) - 1
_FIRST_YEAR_OF_UNION_TIME: Final = 2007
"""From here on the clocks were changed at 01:00 UTC, with those of the European Union; before, at 23:00 UTC."""


def in_turkiye(moment: datetime) -> datetime:
    """Return an aware moment in the time that Türkiye's clocks showed then.

    Raises:
        OverflowError: It lies outside the calendar.
    """
    return moment.astimezone(SUMMER if _is_summer(moment.astimezone(UTC)) else WINTER)


def on_turkiyes_clocks(shown: datetime) -> datetime:
    """Return the moment at which Türkiye's clocks showed a time; the first one, if they showed it twice.

    Raises:
        OverflowError: It lies outside the calendar.
    """
    summer = shown.replace(tzinfo=SUMMER)
    return summer if _is_summer(summer.astimezone(UTC)) else shown.replace(tzinfo=WINTER)


def _is_summer(moment: datetime) -> bool:
    year = moment.year
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return year > _LAST_YEAR
    begin, _, end = _SUMMERS[year - _FIRST_YEAR].partition("-")
    return _change(year, begin) <= moment and (not end or moment < _change(year, end))


def _change(year: int, day: str) -> datetime:
    hour = 1 if year >= _FIRST_YEAR_OF_UNION_TIME else 23
    return datetime(year, int(day[:2]), int(day[2:]), hour, tzinfo=UTC)
