"""Demonstration data: steps of invented hotspots, checks, costs of devices (owner rights; days count from today)."""

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
    # What was found wanting is said in words; one business is late, the next one is due this week.
    conn.execute(
        sa.text(
            f"""WITH nth AS (
              SELECT id, {outcome.format("venue_id")} AS outcome, row_number() OVER (ORDER BY venue_id) AS n
              FROM venue_checks WHERE commune_id = :c)
            UPDATE venue_checks AS v SET outcome = nth.outcome,
              note = CASE nth.outcome WHEN 'reminded' THEN 'Nhắc treo biển số đường dây nóng ở quầy'
                                      WHEN 'violation' THEN 'Mở quá giờ cho phép, hẹn kiểm tra lại' END,
              checked_on = CASE WHEN n < 3 THEN vietnam_today() - 202 + 13 * n::int ELSE checked_on END,
              next_due_on = CASE WHEN n < 3 THEN vietnam_today() - 22 + 13 * n::int ELSE next_due_on END
            FROM nth WHERE nth.id = v.id"""  # noqa: S608
        ),
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


def load_devices(conn: Connection, commune_id: int) -> None:
    """Give some cameras and lights a day, a cost and a fund, and block the view of two cameras."""
    fund = "(ARRAY['Ngân sách địa phương', 'Ngân sách cấp trên', 'Xã hội hóa'])[n % 3 + 1]"
    own = f"CASE ownership WHEN 'residents' THEN 'Nhân dân đóng góp' ELSE {fund} END"
    for table, every, cost, paid in (
        ("cameras", 2, "9000000 + n % 5 * 3500000", own),
        ("lights", 4, "3200000 + n % 5 * 900000", fund),
    ):
        conn.execute(
            sa.text(
                f"""WITH nth AS (
                  SELECT id, row_number() OVER (ORDER BY external_id) AS n FROM {table} WHERE commune_id = :c)
                UPDATE {table} AS t SET installed_on = vietnam_today() - (30 + n * 37 % 1000)::int,
                  cost_vnd = {cost}, fund = {paid}
                FROM nth WHERE nth.id = t.id AND n % {every} = 0 AND t.state IN ('working', 'broken')"""  # noqa: S608
            ),
            {"c": commune_id},
        )
    conn.execute(
        sa.text(
            "UPDATE cameras SET obstructed_on = vietnam_today() - (8 + id % 15)::int WHERE id IN ("
            "SELECT id FROM cameras WHERE commune_id = :c AND state = 'working' AND kind = 'fixed' "
            "AND azimuth_deg IS NOT NULL ORDER BY external_id OFFSET 3 LIMIT 2)"
        ),
        {"c": commune_id},
    )
