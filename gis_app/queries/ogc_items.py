"""Features of a layer as the OGC API asks for them. Row-level security applies to every query.

Geometry is answered in the CRS asked for, in that CRS's axis order: degrees with nine decimals (0.1 mm), metres with
four. Order: by id, which is also the page's cursor.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from shapely import wkb
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gis_app.crs import CRS84, NamedCrs
from gis_app.queries.cql2_parse import BadFilter, parse_json, parse_text
from gis_app.queries.cql2_sql import Translator, columns_of, in_stored, touching
from gis_app.queries.features import as_geojson, property_columns
from layers import table_of
from layers.base import Layer

DEGREE_DECIMALS, METRE_DECIMALS = 9, 4
FILTER_LANGUAGES: Mapping[str, Callable[[str], Any]] = {"cql2-text": parse_text, "cql2-json": parse_json}


@dataclass(frozen=True)
class ItemQuery:
    """Which features: `bbox` a shape in `bbox_crs`, `span` first and last day, `filter` text in `filter_lang`.

    `equal` gives trees of CQL2 for columns that the query names by themselves. `with_version`: the row's version is one
    of the properties, for clients that edit and know no ETag.
    """

    crs: NamedCrs = CRS84
    bbox: BaseGeometry | None = None
    bbox_crs: NamedCrs = CRS84
    span: tuple[dt.date | None, dt.date | None] = (None, None)
    filter: str = ""
    filter_lang: str = "cql2-text"
    filter_crs: NamedCrs = CRS84
    equal: tuple[Any, ...] = field(default=())
    after: int | None = None
    limit: int = 10
    with_version: bool = False


@dataclass(frozen=True)
class ItemPage:
    """GeoJSON features joined by commas, how many, how many in all, and the id to go on after (None: the last page)."""

    text: str
    count: int
    matched: int
    next_after: int | None


def item_conditions(layer: Layer, role: str, wanted: ItemQuery) -> list[sa.ColumnElement[bool]]:
    """The WHERE parts of a question; raises BadFilter."""
    table = table_of(layer, role)
    translator = Translator(table, columns_of(layer, role), wanted.filter_crs)
    parts = [translator.condition(tree) for tree in wanted.equal]
    if wanted.bbox is not None:
        parts.append(touching(table.c.geom, in_stored(wanted.bbox, wanted.bbox_crs)))
    if wanted.filter:
        parts.append(translator.condition(FILTER_LANGUAGES[wanted.filter_lang](wanted.filter)))
    start, end = wanted.span
    # Layers without a period of validity have no time: any time finds them (Part 1, 7.15.4).
    if layer.row_end and end is not None:
        parts.append(sa.func.coalesce(table.c.valid_from, end) <= end)
    if layer.row_end and start is not None:
        parts.append(sa.func.coalesce(table.c[layer.row_end], start) >= start)
    return parts


def in_crs(geom: sa.ColumnElement[Any], crs: NamedCrs) -> sa.ColumnElement[Any]:
    """A stored geometry in a CRS, in its axis order."""
    if crs.is_metric:
        return sa.func.ST_Transform(geom, crs.srid)
    return sa.func.ST_FlipCoordinates(geom) if crs.lat_first else geom


def _columns(layer: Layer, role: str, crs: NamedCrs, with_version: bool) -> list[sa.ColumnElement[Any]]:
    table = table_of(layer, role)
    version = [table.c.version] if with_version else []
    return [in_crs(table.c.geom, crs).label("geom"), table.c.id, *property_columns(layer, role), *version]


def _decimals(crs: NamedCrs) -> int:
    return METRE_DECIMALS if crs.is_metric else DEGREE_DECIMALS


def fetch_items(conn: Connection, layer: Layer, role: str, wanted: ItemQuery) -> ItemPage:
    """One page of features and the number of all that match.

    Raises
    ------
    BadFilter
        A filter or shape that cannot be asked for.
    """
    table, conditions = table_of(layer, role), item_conditions(layer, role, wanted)
    page = sa.select(*_columns(layer, role, wanted.crs, wanted.with_version)).where(*conditions).order_by(table.c.id)
    if wanted.after is not None:
        page = page.where(table.c.id > wanted.after)
    rows = page.limit(wanted.limit + 1).subquery("rows")
    counting = sa.select(sa.func.count()).select_from(table).where(*conditions)
    try:
        with conn.begin_nested():
            matched = conn.execute(counting).scalar_one()
            statement = sa.select(rows.c.id, as_geojson(rows, _decimals(wanted.crs))).order_by(rows.c.id)
            found = conn.execute(statement).all()
    except (sa.exc.InternalError, sa.exc.DataError) as error:
        # What GEOS or PROJ refuse of a literal that looked sound.
        raise BadFilter("geometry_invalid") from error
    shown = found[: wanted.limit]
    next_after = shown[-1][0] if len(found) > wanted.limit else None
    return ItemPage(",".join(text for _, text in shown), len(shown), matched, next_after)


def fetch_item(
    conn: Connection, layer: Layer, role: str, feature_id: int, crs: NamedCrs = CRS84, *, with_version: bool = False
) -> tuple[str, int] | None:
    """One feature as GeoJSON text and its version, or None if there is none that the actor may see."""
    table = table_of(layer, role)
    rows = sa.select(*_columns(layer, role, crs, with_version)).where(table.c.id == feature_id).subquery("rows")
    text = conn.execute(sa.select(as_geojson(rows, _decimals(crs)))).scalar_one_or_none()
    if text is None:
        return None
    version = conn.execute(sa.select(table.c.version).where(table.c.id == feature_id)).scalar_one()
    return text, version


def fetch_stored(conn: Connection, shape: BaseGeometry, crs: NamedCrs) -> BaseGeometry:
    """A shape of another CRS, in its axis order, as a shape in EPSG:4326."""
    if crs is CRS84:
        return shape
    as_wkb = sa.func.ST_AsBinary(in_stored(shape, crs), type_=sa.LargeBinary)
    return wkb.loads(bytes(conn.execute(sa.select(as_wkb)).scalar_one()))


def fetch_freshness(conn: Connection, layer: Layer, role: str) -> tuple[int, dt.datetime | None]:
    """How many rows the actor sees, and when the newest of them changed."""
    table = table_of(layer, role)
    row = conn.execute(sa.select(sa.func.count(), sa.func.max(table.c.updated_at))).one()
    return row[0], row[1]
