"""Exports: the stand-alone map as one file."""

from datetime import UTC, datetime

from flask import Blueprint, Response

from gis_app.web.context import actor, allow, commune, connection
from gis_app.web.i18n import language
from gis_app.web.params import read_query
from layers.base import STAFF

blueprint = Blueprint("exports", __name__)


@blueprint.get("/api/exports/map.html")
@allow(*STAFF)
def show_standalone_map() -> Response:
    """The commune's map as one HTML file that opens without a network; it holds what the role may read."""
    # Here, not above: it needs geopandas and folium, half of the server's start.
    from gis_app.jobs.standalone_map import make_standalone_map  # noqa: PLC0415

    read_query(())
    made = make_standalone_map(connection(), commune(), actor().role, language(), datetime.now(UTC))
    answer = Response(made.html, mimetype="text/html")
    answer.headers["Content-Disposition"] = f'attachment; filename="{made.filename}"'
    return answer
