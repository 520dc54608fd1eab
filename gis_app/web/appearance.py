"""Light, dark or outdoor: the choice is a cookie, which a page's script sets as well (static/js/core/theme.js)."""

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from gis_app.errors import BadRequest
from gis_app.web.context import allow, people_only
from gis_app.web.nav import own_path
from layers.base import SIGNED_IN

blueprint = Blueprint("appearance", __name__)

THEMES = ("light", "dark", "outdoor")
YEAR_S = 31_536_000


@blueprint.post("/giao-dien")
@allow(*SIGNED_IN)
@people_only
def choose_theme() -> AnyResponse:
    """Choose a theme by a form, and go on where it stood."""
    theme = request.form.get("theme", "")
    if theme not in THEMES:
        raise BadRequest("bad_parameter", name="theme", rule="unknown")
    answer = redirect(own_path(request.form.get("next", "/")), 303)
    # The page's script reads it.
    answer.set_cookie("theme", theme, max_age=YEAR_S, samesite="Lax")
    return answer
