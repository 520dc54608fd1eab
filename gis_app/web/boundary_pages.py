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
MOST_WRITTEN = 200
_PAIR = r"[0-9]{1,18}\.[0-9]{1,9}"
_NOTHING: dict[str, Any] = {"sua": None, "cho": None, "da_sua": None}


def a_key(text: str) -> str:
    """A fault's key."""
    if not re.fullmatch(r"[0-9a-f]{16}", text):
        raise Malformed("choice")
    return text


def written_groups(text: str) -> list[Written]:
    """Ids and versions of groups that were just mended: "12.3,14.7"."""
    if not re.fullmatch(rf"{_PAIR}(,{_PAIR}){{0,{MOST_WRITTEN - 1}}}", text):
        raise Malformed("choice")
    return [Written(*map(int, pair.split("."))) for pair in text.split(",")]


def _boundaries() -> Any:
    # Here, not above: the web starts without the libraries of siting.
    from gis_app.jobs.boundaries import Boundaries  # noqa: PLC0415

    return Boundaries(connection(), commune())


def pairs_text(written: Sequence[Written]) -> str:
    """Ids and versions as `written_groups` reads them."""
    return ",".join(f"{one.id}.{one.version}" for one in written)


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
            one.fault.key,
            one.shape,
            kind=one.fault.kind,
            groups=list(one.names),
            ids=list(one.fault.group_ids),
            area_m2=round(one.fault.area_m2, 1),
        )
        for one in faults
    ]
    return {"type": "FeatureCollection", "features": features}


def _page(query: dict[str, Any], problem: GisError | None = None) -> str:
    bounds = _boundaries()
    faults = bounds.faults()
    proposed = bounds.propose(query["sua"], query["cho"]) if query["sua"] else None
    shown = [] if proposed is None else [("before", proposed.before), ("after", proposed.after)]
    chosen = next((one for one in faults if one.fault.key == query["sua"]), None)
    boot = {
        "session": session_dict(),
        "messages": script_messages(language(), "boundaries"),
        "lang": language(),
        "today": "",
        "faults": _collection(faults),
        "chosen": query["sua"],
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
        chosen=chosen,
        keeper=query["cho"],
        together_count=sum(one.is_mended_together for one in faults),
        area_text=area_text,
        pairs_text=pairs_text,
        group_count=len(bounds.groups),
        problem=None if problem is None else t(f"error.{problem.code}", **problem.params),
    )


@blueprint.get(ADDRESS)
@allow(*DATA)
@reads(
    Param("sua", a_key, "The fault whose repair is shown"),
    Param("cho", whole(1, 2**62), "The group that a person gives it to", {"type": "integer"}),
    Param("da_sua", written_groups, "The groups that were just mended, with their versions since: 12.3,14.7"),
)
def show_page(query: dict[str, Any]) -> str:
    """Every fault with its place on the map; with `sua` the repair of one, before it is made."""
    return _page(query)


def _number(name: str) -> int:
    text = request.form.get(name, "")
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise BadRequest("bad_parameter", name=name, rule="whole")
    return int(text)


def _done(written: Sequence[Written] | None) -> AnyResponse | tuple[str, int]:
    if not written:
        error = Conflict("boundary_changed")
        return _page(_NOTHING, error), error.status
    return redirect(f"{ADDRESS}?da_sua={pairs_text(written)}", 303)


@blueprint.post(f"{ADDRESS}/sua")
@allow(*DATA)
@people_only
def mend() -> AnyResponse | tuple[str, int]:
    """Make the repair that the page showed, of the version that it showed."""
    key, version = request.form.get("key", ""), _number("version")
    bounds = _boundaries()
    proposed = bounds.propose(key, _number("keeper") if request.form.get("keeper") else None)
    made = None if proposed is None or proposed.version != version else bounds.apply(proposed, version)
    return _done(None if proposed is None or made is None else [Written(proposed.group_id, made)])


@blueprint.post(f"{ADDRESS}/sua-het")
@allow(*DATA)
@people_only
def mend_all() -> AnyResponse | tuple[str, int]:
    """Make every repair that nobody needs to decide on: slivers, holes, shapes that cross themselves."""
    commune()
    together = connection().begin_nested()
    written = _boundaries().apply_all()
    if written is None:
        together.rollback()
    # More than an address holds are mended without the button that takes all of it back.
    return _done(written[:MOST_WRITTEN] if written else None)


@blueprint.post(f"{ADDRESS}/hoan-tac")
@allow(*DATA)
@people_only
def undo() -> AnyResponse | tuple[str, int]:
    """Take the own last repair of groups back."""
    commune()
    try:
        last = written_groups(request.form.get("groups", ""))
    except Malformed as error:
        raise BadRequest("bad_parameter", name="groups", rule="choice") from error
    together = connection().begin_nested()
    if len(undo_updates(connection(), LAYERS["groups"], last, actor().username)) < len(last):
        together.rollback()
        return _done(None)
    return redirect(ADDRESS, 303)


@blueprint.get("/api/boundary-faults")
@allow(*DATA)
def list_faults() -> Response:
    """Faults of the groups' boundaries as GeoJSON: kind, names of the groups, area in square metres."""
    read_query(())
    answer = jsonify(_collection(_boundaries().faults()))
    answer.mimetype = "application/geo+json"
    return answer
