"""Pages of a layer's features in id order, as one text that the database built. Row-level security applies.

Geometry is EPSG:4326 (lon, lat). Harvesting programs ask for thousands of such pages: the SQL is written once for
each kind of page, and the database joins the features, so that Python neither builds nor splits anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import psycopg2

from gis_app.db import Actor, Line
from gis_app.queries.features import as_geojson, feature_rows
from gis_app.queries.filters import FeatureFilter
from layers import LAYERS
from layers.base import Layer

BOX = ("west", "south", "east", "north")


@dataclass(frozen=True)
class TextPage:
    """GeoJSON features joined by commas, how many, and the id to go on after (None: that was all)."""

    text: str
    count: int
    next_after: int | None


def is_plain(wanted: FeatureFilter) -> bool:
    """Whether a filter names no shape beyond a box; then its page is in id order."""
    return wanted.near is None and wanted.within is None


@lru_cache(maxsize=1024)
def _page_sql(
    layer_name: str, role: str, codes: tuple[str, ...], *, boxed: bool, later: bool
) -> tuple[str, Mapping[str, Any]]:
    """SQL for psycopg2 with the values that do not change: to write it anew took longer than to run it."""
    place: Any = {name: sa.bindparam(name, required=False) for name in (*BOX, "after", *codes)}
    limit = place["limit"] = sa.bindparam("limit", type_=sa.Integer, required=False)
    template = FeatureFilter(
        bbox=tuple(place[name] for name in BOX) if boxed else None,
        after=place["after"] if later else None,
        codes={name: place[name] for name in codes},
        limit=place["limit"],
    )
    rows = feature_rows(LAYERS[layer_name], role, template).subquery("rows")
    number = sa.func.row_number().over(order_by=rows.c.id)
    page = sa.select(rows.c.id, as_geojson(rows).label("feature"), number.label("number")).subquery("page")
    # One row more than asked for tells whether there is a next page.
    shown = page.c.number <= limit
    statement = sa.select(
        sa.func.string_agg(page.c.feature, sa.literal_column("','")).filter(shown),
        sa.func.max(page.c.id).filter(shown),
        sa.func.count(),
    )
    dialect = psycopg2.dialect()  # type: ignore[no-untyped-call]
    compiled = statement.compile(dialect=dialect)
    return str(compiled), {name: value for name, value in compiled.params.items() if name not in place}


def fetch_page(line: Line, actor: Actor, layer: Layer, wanted: FeatureFilter) -> TextPage:
    """One page of a plain filter, by the primary key or the GiST index of the box; one round trip."""
    boxed, later = wanted.bbox is not None, wanted.after is not None
    sql, fixed = _page_sql(layer.name, actor.reads_as, tuple(sorted(wanted.codes)), boxed=boxed, later=later)
    box = dict(zip(BOX, wanted.bbox or (), strict=False))
    values = {**fixed, **box, **wanted.codes, "after": wanted.after, "limit": wanted.limit}
    ((text, last_id, found),) = line.ask(actor, sql, values)
    return TextPage(text or "", min(found, wanted.limit), last_id if found > wanted.limit else None)
