"""Demonstration data: steps of invented hotspots, outcomes of checks (owner rights; days count from today)."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

_STATES = "ARRAY['new', 'verified', 'handled', 'watched', 'closed']"
# How long ago the present step may have been, by state: some are late.
_WITHIN = "(ARRAY[12, 40, 40, 110, 200])[k + 1]"


def load_steps(conn: Connection, commune_id: int) -> None:
    """Put a chain of steps, from being found to the present state, where loading has put one."""
    conn.execute(
        sa.text(
            f"""WITH own AS (
              SELECT h.id, h.commune_id, k, vietnam_today() - (h.id * 7 % {_WITHIN})::int AS last_on,
                     least(h.first_seen_on, vietnam_today() - (h.id * 7 % {_WITHIN})::int) AS found_on
              FROM hotspots AS h
              CROSS JOIN LATERAL (SELECT array_position({_STATES}, h.state) - 1 AS k) AS nth
              WHERE h.commune_id = :c),
            gone AS (DELETE FROM hotspot_steps AS s USING own WHERE s.hotspot_id = own.id)
            INSERT INTO hotspot_steps (commune_id, hotspot_id, state, on_day)
            SELECT commune_id, id, ({_STATES})[j + 1],
                   CASE WHEN k = 0 THEN last_on ELSE found_on + (last_on - found_on) * j / k END
            FROM own CROSS JOIN LATERAL generate_series(0, k) AS j ORDER BY id, j"""  # noqa: S608
        ),
        {"c": commune_id},
    )
    # What is new was found lately.
    conn.execute(
        sa.text(
            "UPDATE hotspots AS h SET first_seen_on = s.on_day FROM hotspot_steps AS s "
            "WHERE s.hotspot_id = h.id AND h.state = 'new' AND h.commune_id = :c"
        ),
        {"c": commune_id},
    )


def load_checks(conn: Connection, commune_id: int) -> None:
    """Say what the checks that loading knows of found, and put one half a year before each."""
    outcome = "(ARRAY['passed', 'passed', 'reminded', 'passed', 'violation'])[{} % 5 + 1]"
    conn.execute(
        sa.text(f"UPDATE venue_checks SET outcome = {outcome.format('venue_id')} WHERE commune_id = :c"),  # noqa: S608
        {"c": commune_id},
    )
    conn.execute(
        sa.text(
            "INSERT INTO venue_checks (commune_id, venue_id, checked_on, outcome, next_due_on) "  # noqa: S608
            f"SELECT commune_id, venue_id, checked_on - 180, {outcome.format('(venue_id + 2)')}, checked_on "
            "FROM venue_checks WHERE commune_id = :c ORDER BY venue_id"
        ),
        {"c": commune_id},
    )
