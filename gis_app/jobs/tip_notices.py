"""Tells officers that tips came and that the day of one has come: never which, never where."""

from sqlalchemy.engine import Connection

from gis_app.analysis.tip_clock import FIRST_LOOK_DAYS, MAYBE_CRIME, REMARK_DAYS, VERIFY_DAYS
from gis_app.queries.notices import insert_tip_notices


def tell_of_tips(conn: Connection) -> int:
    """Write what is to be told, at most once a half day and a day; return how many notices. Acts in no commune."""
    return insert_tip_notices(conn, sorted(MAYBE_CRIME), (FIRST_LOOK_DAYS, VERIFY_DAYS, REMARK_DAYS))
