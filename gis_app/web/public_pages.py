"""`/cong-khai`: what everybody may read of a commune's progress. Everyone is a stranger here: no session is looked at.

The answer depends on its address alone (no cookie, no `Vary`), so a proxy may keep it. Its ETag is made of what stands
on the page, not of a counter: a change of state that changes nothing visible changes no ETag either.
"""

import datetime as dt
from hashlib import blake2s
from typing import Any

from flask import Blueprint, Response, current_app, g, request

from gis_app.db import NOBODY, begin
from gis_app.errors import NotFound
from gis_app.queries import releases
from gis_app.queries.releases import Release
from gis_app.queries.tip_doors import fetch_open_communes
from gis_app.web import assets
from gis_app.web.context import engine, public
from gis_app.web.i18n import LANGUAGES, t
from gis_app.web.params import Malformed, Param, one_of, plain, reads
from gis_app.web.public_pages_shared import STAGES, draw, summary

blueprint = Blueprint("public_pages", __name__)

KEPT_S = 300


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise Malformed("date") from error


def _answer(template: str, **values: Any) -> Response:
    # Not render_template: it would look up who is signed in, and the answer would vary with the cookie.
    common = {"t": t, "lang": g.lang, "asset_version": assets.version(), "theme": "light"}
    page = current_app.jinja_env.get_template(template).render(common | values)
    answer = current_app.make_response(page)
    answer.headers["Cache-Control"] = f"public, max-age={KEPT_S}"
    answer.set_etag(blake2s(page.encode(), digest_size=12).hexdigest(), weak=True)
    return answer.make_conditional(request)


def _chosen(found: list[Release], day: dt.date | None) -> Release:
    wanted = [one for one in found if day in (None, one.released_on)]
    if not wanted:
        raise NotFound("not_published")
    return wanted[0]


@blueprint.get("/cong-khai")
@public
@reads(
    Param("xa", plain, "Official code of the commune"),
    Param("ky", _day, "Day of release", {"type": "string", "format": "date"}),
    Param("lang", one_of(*LANGUAGES), "Language"),
)
def show(query: dict[str, Any]) -> Response:
    """The public progress of a commune, or the choice of one; a commune without a release answers as none at all."""
    g.lang = query["lang"] or current_app.config["SETTINGS"].default_language
    g.no_cookie = True
    with begin(engine(), NOBODY) as conn:
        if query["xa"] is None:
            communes, takes_tips = releases.fetch_public_communes(conn), bool(fetch_open_communes(conn))
            return _answer("public/choose.html", communes=communes, takes_tips=takes_tips)
        found = releases.fetch_public_releases(conn, query["xa"])
        release = _chosen(found, query["ky"])
        cells = releases.fetch_cells(conn, release.id)
        settings = releases.fetch_settings(conn, release.commune_id)
        takes_tips = bool(fetch_open_communes(conn, release.code))
    return _answer(
        "public/index.html",
        release=release,
        earlier=found,
        picture=draw(cells),
        counts=summary(cells),
        stages=STAGES,
        settings=settings,
        takes_tips=takes_tips,
    )
