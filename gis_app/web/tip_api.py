"""`/api/tips`: the queue for programs of officers; no words, no photo, no receipt."""

from typing import Any

from flask import Blueprint, Response, jsonify

from gis_app.analysis.tip_clock import clock_of
from gis_app.jobs.tip_desk import DAYS
from gis_app.queries import tip_queue as queue
from gis_app.queries import tips as q
from gis_app.tables.tips import STATES
from gis_app.web.context import actor, allow, commune, connection
from gis_app.web.params import Param, one_of, reads, whole

blueprint = Blueprint("tip_api", __name__)


@blueprint.get("/api/tips")
@allow(*q.READERS)
@reads(
    Param("state", one_of(*STATES), "State; without one, what is open", {"type": "string", "enum": list(STATES)}),
    Param("page", whole(1, 10_000), f"Page of {queue.PAGE_ROWS}", {"type": "integer"}),
)
def list_tips(query: dict[str, Any]) -> Response:
    """Tips of the commune without words; police roles read the place as it is kept, others the street or village."""
    commune()
    conn, number = connection(), query["page"] or 1
    wanted = queue.Wanted(coarse=actor().role not in q.OFFICERS, state=query["state"])
    rows = queue.fetch_page(conn, wanted, DAYS, (number - 1) * queue.PAGE_ROWS)
    alike = {} if wanted.coarse else queue.count_alike(conn, [row.id for row in rows])
    count, today = queue.count_wanted(conn, wanted), q.fetch_today(conn)
    pages = {"page": number, "page_count": -(-count // queue.PAGE_ROWS), "count": count}
    return jsonify(pages | {"tips": [_tip(row, today, alike.get(row.id, 0)) for row in rows]})


def _tip(row: queue.TipRow, today: Any, alike: int) -> dict[str, Any]:
    clock = clock_of(row.subject, row.received_on, row.state, row.handed_on, today)
    return {
        "id": row.id,
        "version": row.version,
        "subject": row.subject,
        "precision": row.precision,
        "state": row.state,
        "outcome": row.outcome,
        "received_on": row.received_on.isoformat(),
        "due_on": clock.due_on.isoformat() if clock else None,
        "group": row.group_name,
        "street": row.street if row.precision in ("street", "point") else None,
        "lon": row.lon,
        "lat": row.lat,
        "alike_count": alike,
    }
