"""Two invented campaigns of a demonstration commune: one that is over and one that runs, with targets.

Their days hold invented shifts (demo_patrol.py) and tasks that are due (queries/demo_tasks.py).
"""

import datetime as dt
from collections.abc import Mapping

from sqlalchemy.engine import Connection

from gis_app.queries.campaigns import insert_campaign
from gis_app.queries.tasks import fetch_today

# Name, first and last day from today, per cent of indicators.
CAMPAIGNS: tuple[tuple[str, int, int, Mapping[str, int]], ...] = (
    ("Cao điểm rà soát, làm sạch địa bàn", -40, -6, {"tip_boxes": 75, "notice_boards": 85, "hotspots_handled": 40}),
    ("Cao điểm giữ vững địa bàn không ma túy dịp cuối năm", -5, 25,
     {"reviews": 80, "household_pledges": 70, "venue_checks": 95}),
)  # fmt: skip


def load_campaigns(conn: Connection, commune_id: int) -> None:
    """Make the two campaigns (owner rights)."""
    today = fetch_today(conn)
    for name, first, last, targets in CAMPAIGNS:
        days = {"starts_on": today + dt.timedelta(days=first), "ends_on": today + dt.timedelta(days=last)}
        insert_campaign(conn, commune_id, {"name": name, **days, "targets": dict(targets)})
