"""Drafts of the public page, twice a year: what suppression lets through of a commune, into tables of their own.

A person releases a draft on the page `/cong-bo`; until then nobody outside the commune sees it.
"""

import datetime as dt
from collections.abc import Mapping

from sqlalchemy.engine import Connection

from gis_app.analysis.suppression import GroupFacts, plan_release
from gis_app.jobs.roadmap import roadmap_of
from gis_app.queries import release_drafts as drafts
from gis_app.queries.communes import Commune, fetch_communes
from gis_app.queries.releases import fetch_settings
from gis_app.queries.statuses import fetch_shapes, fetch_statuses

# The only days of release. Not 14 December, when the evaluation period ends: two releases 17 days apart could be set
# against each other while hardly anything has changed.
RELEASE_DAYS = ((6, 30), (12, 31))
# A draft made later would call numbers of another time by this day.
MAX_LATE = dt.timedelta(days=60)


def is_release_day(day: dt.date) -> bool:
    """Whether releases are made for this day."""
    return (day.month, day.day) in RELEASE_DAYS


def last_release_day(today: dt.date) -> dt.date:
    """The newest day of release that is not in the future."""
    days = [dt.date(year, month, day) for year in (today.year - 1, today.year) for month, day in RELEASE_DAYS]
    return max(day for day in days if day <= today)


def publish(conn: Connection, released_on: dt.date, *, code: str | None = None) -> Mapping[str, int]:
    """Write the drafts of a day of release (owner's rights), one commune or all; return groups by commune's code.

    A commune that has a release of that day in any state is left alone, so a second run changes nothing.
    """
    made = {}
    for place in fetch_communes(conn):
        if code in (None, place.code) and not drafts.is_made(conn, place.id, released_on):
            count = _make_draft(conn, place, released_on)
            if count:
                made[place.code] = count
    return made


def publish_demo(conn: Connection, today: dt.date) -> None:
    """Releases of invented communes: the day before the last is released, the last waits for somebody to press."""
    newest = last_release_day(today)
    before = last_release_day(newest - dt.timedelta(1))
    publish(conn, before)
    drafts.release_all(conn, before, "minh-hoa")
    publish(conn, newest)


def _make_draft(conn: Connection, place: Commune, released_on: dt.date) -> int:
    """Write one draft; a commune whose groups were not known on the day yet has them as they are now."""
    day: dt.date | None = released_on
    statuses = fetch_statuses(conn, place.id, day)
    if not statuses:
        day = None
        statuses = fetch_statuses(conn, place.id)
    if not statuses:
        return 0
    shapes = fetch_shapes(conn, place.id, day)
    counts = drafts.fetch_counts(conn, place.id)
    lit = drafts.fetch_lit_shares(conn, place.id, place.metric_srid)
    facts = [
        GroupFacts(one.group_id, one.stage, one.resident_count, lit.get(one.group_id), counts.get(one.group_id))
        for one in statuses
    ]
    earlier = drafts.fetch_earlier_groups(conn, place.id, released_on)
    found = plan_release(facts, earlier, with_counts=fetch_settings(conn, place.id).with_counts)
    cells = [
        drafts.DraftCell(cell.group_id, one.name, cell.stage, cell.lit_class, cell.count_class, shapes[one.group_id])
        for one, cell in zip(statuses, found.cells, strict=True)
    ]
    drafts.insert_release(
        conn, place.id, released_on, cells, found.total_class, _target(conn, place.id, released_on.year)
    )
    return len(cells)


def _target(conn: Connection, commune_id: int, year: int) -> tuple[int, int] | None:
    """Groups to be reached by the end of the year by the roadmap; None while a clause may be read in two ways."""
    asked = roadmap_of(conn, commune_id, year).of("group", year)
    if asked is None or len(asked.targets) != 1 or asked.targets[0].whole is None:
        return None
    return asked.targets[0].whole, year
