"""Tells officers that steps of hotspots are late and checks of venues near or late: how many, never where."""

from sqlalchemy.engine import Connection

from gis_app.queries.notices import insert_due_notices
from gis_app.tables.hotspots import USUAL_DAYS

SOON_DAYS = 7


def tell_of_dues(conn: Connection) -> int:
    """Write what is to be told, once a thing and day that it was due on; return how many. Acts in no commune."""
    return insert_due_notices(conn, USUAL_DAYS, SOON_DAYS)
