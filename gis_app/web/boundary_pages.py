"""The check of boundaries: overlaps, gaps, slivers; zoom to each; repairs are shown before they are made."""

import re
from collections.abc import Sequence
from typing import Any

import shapely
from flask import Blueprint, Response, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from gis_app.errors import BadRequest, Conflict, GisError
from gis_app.queries.batches import undo_updates
from gis_app.queries.writes import Written
from gis_app.web.context import actor, allow, commune, connection, people_only
from gis_app.web.i18n import language, t, words
from gis_app.web.params import Malformed, Param, read_query, reads, whole
from gis_app.web.script_messages import script_messages
from gis_app.web.who import session_dict
from layers import LAYERS
from layers.base import DATA

blueprint = Blueprint("boundary_pages", __name__)

ADDRESS = "/du-lieu/ranh-gioi"


def a_key(text: str) -> str:
    """A fault's key."""
    if not re.fullmatch(r"[0-9a-f]{16}", text):
        raise Malformed("choice")
    return text


def _boundaries() -> Any:
    # Here, not above: the web starts without the libraries of siting.
    from gis_app.jobs.boundaries import Boundaries  # noqa: PLC0415

    return Boundaries(connection(), commune())


def area_text(area_m2: float) -> str:
    """An area as people write it."""
    if area_m2 >= 10_000:
        return t("boundary.hectares", area=words().number(round(area_m2 / 10_000)))
    return t("boundary.square_metres", area=words().number(round(area_m2)))


def _feature(key: str, shape: Any, **properties: Any) -> dict[str, Any]:
    west, south, east, north = shape.bounds
    return {
        "type": "Feature",
        "id": key,
        "bbox": [west, south, east, north],
        "geometry": shapely.geometry.mapping(shape),
        "properties": properties,
    }


def _collection(faults: Sequence[Any]) -> dict[str, Any]:
    features = [
        _feature(
            one.fault.key, one.shape, kind=one.fault.kind, groups=list(one.names), area_m2=round(one.fault.area_m2, 1)
        )
        for one in faults
    ]
    return {"type": "FeatureCollection", "features": features}


def _page(query: dict[str, Any], problem: GisError | None = None) -> str:
    bounds = _boundaries()
    faults = bounds.faults()
    proposed = bounds.propose(query["sua"]) if query["sua"] else None
    shown = [] if proposed is None else [("before", proposed.before), ("after", proposed.after)]
    boot = {
        "session": session_dict(),
        "messages": script_messages(language(), "boundaries"),
        "lang": language(),
        "today": "",
        "faults": _collection(faults),
        "repair": {"type": "FeatureCollection", "features": [_feature(name, shape) for name, shape in shown]},
    }
    return render_template(
        "data/boundaries.html",
        boot=boot,
        place=commune(),
        faults=faults,
        proposed=proposed,
        asked=query["sua"],
        done=query["da_sua"],
        done_version=query["phien_ban"],
        area_text=area_text,
        group_count=len(bounds.groups),
        problem=None if problem is None else t(f"error.{problem.code}", **problem.params),
    )


@blueprint.get(ADDRESS)
@allow(*DATA)
@reads(
    Param("sua", a_key, "The fault whose repair is shown"),
    Param("da_sua", whole(1, 2**62), "The group that was just mended", {"type": "integer"}),
    Param("phien_ban", whole(1, 2**31 - 1), "Its version since", {"type": "integer"}),
)
def show_page(query: dict[str, Any]) -> str:
    """Every fault with its place on the map; with `sua` the repair of one, before it is made."""
    return _page(query)


def _number(name: str) -> int:
    text = request.form.get(name, "")
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise BadRequest("bad_parameter", name=name, rule="whole")
    return int(text)


@blueprint.post(f"{ADDRESS}/sua")
@allow(*DATA)
@people_only
def mend() -> AnyResponse | tuple[str, int]:
    """Make the repair that the page showed, of the version that it showed."""
    key, version = request.form.get("key", ""), _number("version")
    bounds = _boundaries()
    proposed = bounds.propose(key)
    made = None if proposed is None or proposed.version != version else bounds.apply(proposed, version)
    if proposed is None or made is None:
        error = Conflict("boundary_changed")
        return _page({"sua": None, "da_sua": None, "phien_ban": None}, error), error.status
    return redirect(f"{ADDRESS}?da_sua={proposed.group_id}&phien_ban={made}", 303)


@blueprint.post(f"{ADDRESS}/hoan-tac")
@allow(*DATA)
@people_only
def undo() -> AnyResponse | tuple[str, int]:
    """Take the own last repair of a group back."""
    commune()
    group_id, version = _number("group_id"), _number("version")
    last = [Written(group_id, version)]
    if not undo_updates(connection(), LAYERS["groups"], last, actor().username):
        error = Conflict("boundary_changed")
        return _page({"sua": None, "da_sua": None, "phien_ban": None}, error), error.status
    return redirect(ADDRESS, 303)


@blueprint.get("/api/boundary-faults")
@allow(*DATA)
def list_faults() -> Response:
    """Faults of the groups' boundaries as GeoJSON: kind, names of the groups, area in square metres."""
    read_query(())
    answer = jsonify(_collection(_boundaries().faults()))
    answer.mimetype = "application/geo+json"
    return answer
