"""`/tin/ap-phich`: which villages have a tip box, and posters with QR codes for every box and board."""

from typing import Any

from flask import Blueprint, Response, current_app, render_template, request

from gis_app.errors import Conflict
from gis_app.queries import releases, tip_boxes
from gis_app.web.context import allow, commune, connection
from gis_app.web.params import Param, one_of, reads
from gis_app.web.tip_answers import secret_key
from gis_app.web.tip_codes import poster_code
from gis_app.words import VIETNAMESE as VI
from layers.base import STAFF

blueprint = Blueprint("tip_posters", __name__, url_prefix="/tin/ap-phich")

LINES = ("tip.poster.what", "tip.poster.how", "tip.poster.not")


def _code(entrance: tip_boxes.Entrance) -> str:
    return poster_code(secret_key(), f"{commune().code}-{entrance.kind}{entrance.id}")


@blueprint.get("")
@allow(*STAFF)
@reads()
def show(query: dict[str, Any]) -> str:
    """`Độ phủ hòm thư`: x of N villages, who is missing, and the codes."""
    del query
    place, conn = commune(), connection()
    count, missing = tip_boxes.fetch_cover(conn, place.id)
    found = tip_boxes.fetch_entrances(conn, place.id)
    codes = [(one, _code(one)) for one in found]
    return render_template("tips/posters.html", place=place, count=count, missing=missing, codes=codes)


@blueprint.get("/in")
@allow(*STAFF)
@reads(Param("kho", one_of("A4", "A5"), "Paper", {"type": "string", "enum": ["A4", "A5"]}, default="A4"))
def print_posters(query: dict[str, Any]) -> Response:
    """The posters of all boxes and boards as PDF."""
    # Here, not above: a worker of the web starts without the libraries of printing.
    from gis_app.formats.tip_poster import Poster, Posters, write  # noqa: PLC0415

    place, conn = commune(), connection()
    phones = releases.fetch_settings(conn, place.id)
    named = ((name, getattr(phones, name)) for name in ("commune_phone", "pc04_phone", "c04_phone"))
    told = Posters(
        commune=place.full_name,
        is_demo=place.is_demo,
        lines=[VI.say(line) for line in LINES],
        phones=[VI.say("tip.poster.113"), *(f"{VI.say(f'public.{name}')}: {phone}" for name, phone in named if phone)],
        title=VI.say("tip.title"),
        foot=VI.say("tip.poster.foot"),
        posters=[
            Poster(one.group_name or "", f"{request.host_url}tin/{_code(one)}", one.place or "")
            for one in tip_boxes.fetch_entrances(conn, place.id)
        ],
    )
    if not told.posters:
        raise Conflict("tip_no_box")
    pdf = write(told, query["kho"])
    answer = current_app.response_class(pdf, mimetype="application/pdf")
    name = f"ap-phich-{place.code}-{query['kho']}.pdf"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
