"""Year-end scorecards for programs, and as files."""

from flask import Blueprint, Response, jsonify

from gis_app.errors import NotFound
from gis_app.jobs.scorecard import may_close, years_of
from gis_app.queries import scorecards as q
from gis_app.queries.audit import record_event
from gis_app.queries.statuses import fetch_today
from gis_app.web.context import allow, commune, connection
from gis_app.web.params import read_query
from gis_app.web.scorecard_parts import MIME_TYPES, find_card

blueprint = Blueprint("scorecards", __name__)


@blueprint.get("/api/scorecards")
@allow(*q.READERS)
def list_scorecards() -> Response:
    """Years of which there is a scorecard, with the editions that were closed."""
    read_query(())
    here, conn = commune(), connection()
    today = fetch_today(conn)
    closed = [
        {"year": one.year, "edition": one.edition, "closed_on": one.closed_on.isoformat(), "by": one.closed_by_role}
        for one in q.fetch_editions(conn, here.id)
    ]
    years = [{"year": year, "may_close": may_close(year, today)} for year in years_of(conn, here.id, today)]
    return jsonify({"years": years, "closed": closed})


@blueprint.get("/api/scorecards/<int:period_year>")
@allow(*q.READERS)
def show_scorecard(period_year: int) -> Response:
    """A year as it was closed last, else as it stands: tenths of points by criterion, `bases` [done, of].

    No basis (null): nothing to measure, or too few to tell. `verdict`: commend, support or none, as people decided or
    else as `proposed` by the score.
    """
    read_query(())
    card = find_card(period_year)
    edition = None if card.edition is None else card.edition.edition
    return jsonify({"year": card.year, "edition": edition, **card.as_json()})


@blueprint.get("/api/scorecards/<int:period_year>.<fmt>")
@allow(*q.READERS)
def show_file(period_year: int, fmt: str) -> Response:
    """A year as pdf or xlsx; the download is logged."""
    from gis_app.jobs.scorecard_print import print_scorecard  # noqa: PLC0415 - PDF libraries

    read_query(())
    card, here, conn = find_card(period_year), commune(), connection()
    if fmt not in MIME_TYPES:
        raise NotFound("scorecard_not_found")
    record_event(conn, "export", "scorecards", {"year": card.year, "format": fmt})
    answer = Response(print_scorecard(here, card, fetch_today(conn), fmt), mimetype=MIME_TYPES[fmt])
    answer.headers["Content-Disposition"] = f'attachment; filename="thi-dua-{here.code}-{card.year}.{fmt}"'
    return answer
