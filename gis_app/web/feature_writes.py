"""What every door for writing features shares: who may, where, and what a refusal of the database means. No views."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from gis_app.analysis.free_space import taken_m2
from gis_app.errors import Forbidden, NotFound, PreconditionFailed, Unprocessable
from gis_app.queries import writes
from gis_app.queries.batches import undo_updates
from gis_app.queries.borders import fetch_outline, fetch_touched, lock_outlines
from gis_app.web.context import actor, commune, connection, may_edit, readable_layer
from gis_app.web.safe_writes import broken_rule
from layers.base import Layer

FEATURE_SCHEMA = {
    "type": "object",
    "required": ["type"],
    "properties": {
        "type": {"enum": ["Feature"]},
        "geometry": {"type": "object"},
        "properties": {"type": "object"},
    },
}


def editable_layer(name: str) -> Layer:
    """The layer of that name if the actor may edit it."""
    layer = readable_layer(name)
    if actor().is_national:
        raise Forbidden("no_commune")
    if not may_edit(layer):
        raise Forbidden("layer_not_editable", layer=name)
    return layer


def check_place(shape: Any) -> None:
    """Refuse a shape (EPSG:4326) that lies outside the actor's commune."""
    if shape is None:
        return
    here = commune()
    away = writes.outside_by_m(connection(), here.id, shape, here.metric_srid)
    if away > writes.OUTSIDE_TOLERANCE_M:
        raise Unprocessable("outside_commune", km=round(away / 1000, 2))


def check_new(layer: Layer, values: Mapping[str, Any], shape: Any) -> None:
    """Refuse a new group (EPSG:4326) that lies upon others: two groups would claim the same houses.

    A hotspot is found first; what came after are steps, with their days. A file alone brings it as it is.
    """
    if layer.name == "hotspots" and values.get("state", "new") != "new":
        raise Unprocessable("bad_feature", faults=[{"field": "state", "rule": "order"}])
    if layer.name == "groups":
        # Two who draw at once go one after the other.
        lock_outlines(connection())
        _refuse_upon(shape)


@contextmanager
def nothing_taken(layer: Layer, feature_ids: Iterable[int]) -> Iterator[None]:
    """Refuse what is written meanwhile if one of these groups takes ground of another that it did not have.

    Neighbours that move together are looked at when all of them are written; an overlap that was there may stay or
    shrink, so that what is wrong can be mended in steps.
    """
    if layer.name != "groups":
        yield
        return
    wanted = set(feature_ids)
    before = lock_outlines(connection()) if wanted else {}
    yield
    for key in before.keys() & wanted:
        now = fetch_outline(connection(), key)
        if now is not None:
            _refuse_upon(now[0].difference(before[key][1]), key)


def _refuse_upon(shape: Any, group_id: int = 0) -> None:
    found = fetch_touched(connection(), commune().id, shape, group_id)
    upon = {name: area for name, other in found if (area := taken_m2(shape, other))}
    if upon:
        raise Unprocessable("group_overlap", groups=", ".join(upon), area_m2=round(sum(upon.values())))


def write_feature(layer: Layer, write: Callable[[], writes.Written | None], feature_id: int) -> writes.Written:
    """Run a write; say what a failed check means, and tell a stale version from a row that is not there."""
    try:
        written = write()
    except sa.exc.IntegrityError as error:
        raise broken_rule(error, layer) from error
    if written is None:
        raise why_not(layer, feature_id)
    return written


def take_back(layer: Layer, named: Sequence[writes.Written]) -> list[writes.Written]:
    """Take back the actor's own last edits; say what stands in the way of the old values."""
    with nothing_taken(layer, [one.id for one in named]):
        try:
            return undo_updates(connection(), layer, named, actor().username)
        except sa.exc.IntegrityError as error:
            raise broken_rule(error, layer) from error


def why_not(layer: Layer, feature_id: int) -> NotFound | PreconditionFailed:
    """Why nothing was written: the row is not there, or has moved on."""
    version = writes.fetch_version(connection(), layer, feature_id)
    if version is None:
        return NotFound("feature_not_found", layer=layer.name)
    return PreconditionFailed("stale_version", version=version)
