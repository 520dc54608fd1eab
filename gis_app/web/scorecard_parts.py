"""What the API and the page of scorecards share; no views here."""

from gis_app.errors import NotFound
from gis_app.jobs.scorecard import Scorecard, count_scorecard, scorecard_of, years_of
from gis_app.queries.statuses import fetch_today
from gis_app.web.context import actor, commune, connection

MIME_TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def find_card(year: int, *, live: bool = False) -> Scorecard:
    """The card of a year that is told of, `live`: as it stands even if it was closed; 404 for any other year."""
    here, conn = commune(), connection()
    if year not in years_of(conn, here.id, fetch_today(conn)):
        raise NotFound("scorecard_not_found")
    return (count_scorecard if live else scorecard_of)(conn, actor(), here, year)
