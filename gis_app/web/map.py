"""The front page: the map of the commune, or the choice of one."""

from flask import Blueprint, redirect, render_template
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as AnyResponse

from gis_app.jobs.roadmap import roadmap_of
from gis_app.jobs.roadmap_words import short_target
from gis_app.queries.communes import fetch_communes
from gis_app.queries.statuses import fetch_today
from gis_app.web import assets
from gis_app.web.context import actor, commune, connection, may_edit, public
from gis_app.web.i18n import language, words
from gis_app.web.script_messages import script_messages
from gis_app.web.who import session_dict
from layers import LAYERS
from layers.base import CITY, POLICE

blueprint = Blueprint("map", __name__)


@blueprint.get("/")
@public
def show_map() -> str | AnyResponse:
    """The map; an administrator outside any commune chooses one, as does a city reader, a stranger signs in."""
    if not current_user.is_authenticated:
        return redirect("/dang-nhap")
    if actor().role == CITY:
        return redirect("/thanh-pho")
    if actor().is_national:
        communes = fetch_communes(connection())
        return render_template("map/choose.html", communes=communes, csrf_token=generate_csrf())
    today = fetch_today(connection())
    editing = any(map(may_edit, LAYERS.values()))
    pages = (None, *(("map_edit",) if editing else ()), *(("map_carry",) if actor().role in POLICE else ()))
    boot = {
        "session": session_dict(),
        # Only those who may use them get the tools' words.
        "messages": {key: text for page in pages for key, text in script_messages(language(), page).items()},
        # The evaluation period goes by the server's day.
        "today": today.isoformat(),
        "target": short_target(words(), roadmap_of(connection(), commune().id, today.year), today.year),
        "lang": language(),
        "asset_version": assets.version(),
    }
    return render_template(
        # Who goes out on the street may take the map along (static/js/core/carried.js).
        "map/index.html",
        boot=boot,
        session=boot["session"],
        editing=editing,
        carriers=POLICE,
    )
