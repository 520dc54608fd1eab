"""Themes that colour the map's groups. A theme is a file in gis_app/jobs/themes; nothing else lists them.

`GET /api/themes/<id>` answers `{"id", "title", "classes": [{"code", "title", "color", "pattern"}], "values":
{"<group id>": "<code>"}}`, which static/js/panels/themes.js paints and explains.
"""

from flask import Blueprint, Response, jsonify

from gis_app.errors import NotFound
from gis_app.jobs.themes import THEMES
from gis_app.web.context import actor, allow, commune, connection
from gis_app.web.i18n import localised
from gis_app.web.params import read_query
from layers.base import STAFF

blueprint = Blueprint("themes", __name__)


@blueprint.get("/api/themes")
@allow(*STAFF)
def list_themes() -> Response:
    """Themes that the caller may colour the groups by."""
    read_query(())
    found = [{"id": name, "title": localised(one.title)} for name, one in THEMES.items() if actor().role in one.readers]
    return jsonify({"themes": found})


@blueprint.get("/api/themes/<name>")
@allow(*STAFF)
def show_theme(name: str) -> Response:
    """Classes of a theme with colour and pattern, and the class of each residential group."""
    read_query(())
    theme = THEMES.get(name)
    if theme is None or actor().role not in theme.readers:
        raise NotFound("unknown_theme")
    commune()
    data = theme.load(connection())
    classes = [
        {"code": one.code, "title": localised(one.title), "color": one.color, "pattern": one.pattern}
        for one in data.classes
    ]
    values = {str(group_id): code for group_id, code in data.values.items()}
    return jsonify({"id": name, "title": localised(theme.title), "classes": classes, "values": values})
