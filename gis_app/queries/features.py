"""Features of one layer as GeoJSON text or rows. Row-level security applies to every query.

Geometry is answered in EPSG:4326 (lon, lat) with seven decimals (about 1 cm); `distance_m` in metres of the
commune's VN-2000 zone. Order: by distance where a place is given, else by id, which is also the page's cursor.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.queries.filters import FeatureFilter, conditions, metric, shape_parameter
from layers import table_of
from layers.base import Layer

DECIMALS = 7


@dataclass(frozen=True)
class FeaturePage:
    """GeoJSON texts of features, and the id to go on after (None: that was all)."""

    features: Sequence[str]
    next_after: int | None


def property_columns(layer: Layer, role: str) -> list[sa.Column[Any]]:
    """The columns of a feature's properties that `role` may read."""
    table = table_of(layer, role)
    return [table.c.external_id, *(table.c[f.name] for f in layer.visible_fields(role))]


def feature_rows(layer: Layer, role: str, wanted: FeatureFilter) -> sa.Select[Any]:
    """Rows of `geom`, `id`, the properties and, with `near`, `distance_m`; filtered, ordered, limited to one more."""
    table = table_of(layer, role)
    columns = [table.c.geom, table.c.id, *property_columns(layer, role)]
    if wanted.near is None:
        statement = sa.select(*columns).order_by(table.c.id).limit(wanted.limit + 1)
    else:
        point = shape_parameter(wanted.near)
        away = sa.func.ST_Distance(metric(table.c.geom, wanted.metric_srid), metric(point, wanted.metric_srid))
        rounded = sa.cast(sa.func.round(sa.cast(away, sa.Numeric), 2), sa.Float)
        statement = sa.select(*columns, rounded.label("distance_m"))
        statement = statement.order_by(sa.text("distance_m"), table.c.id)
        if wanted.nearest is None:
            statement = statement.limit(wanted.limit + 1)
        else:
            statement = statement.where(table.c.id.in_(_nearest_ids(table, wanted))).limit(wanted.nearest)
    return statement.where(*conditions(table, wanted))


def _nearest_ids(table: sa.Table, wanted: FeatureFilter) -> sa.Select[Any]:
    """Candidates by the index; Mercator is conformal, so its order is nearly right here, and the caller re-ranks."""
    if wanted.near is None or wanted.nearest is None:
        raise ValueError("nearest needs a place")
    here = sa.func.ST_Transform(shape_parameter(wanted.near), 3857)
    return (
        sa.select(table.c.id)
        .where(*conditions(table, wanted))
        .order_by(table.c.geom_3857.op("<->")(here))
        .limit(2 * wanted.nearest + 20)
    )


def as_geojson(rows: sa.Subquery, decimals: int = DECIMALS) -> sa.ColumnElement[str]:
    """One feature as text: built by the database, five times faster than row by row in Python."""
    # row_to_json of a named row takes a third less time than json_build_object with the names written out.
    named = sa.select(*(c for c in rows.c if c.name not in ("geom", "id"))).correlate(rows).subquery("properties")
    properties = sa.select(sa.func.row_to_json(sa.literal_column("properties"))).select_from(named).scalar_subquery()
    return (
        sa.literal_column("""'{"type":"Feature","id":'""")
        .op("||")(sa.cast(rows.c.id, sa.Text))
        .op("||")(sa.literal_column("""',"geometry":'"""))
        .op("||")(sa.func.ST_AsGeoJSON(rows.c.geom, decimals, 0))
        .op("||")(sa.literal_column("""',"properties":'"""))
        .op("||")(sa.cast(properties, sa.Text))
        .op("||")(sa.literal_column("'}'"))
    )


def fetch_features(conn: Connection, layer: Layer, role: str, wanted: FeatureFilter) -> FeaturePage:
    """One page of features; `next_after` is given for pages in id order only."""
    rows = feature_rows(layer, role, wanted).subquery("rows")
    found = conn.execute(sa.select(rows.c.id, as_geojson(rows))).all()
    if wanted.near is not None:
        return FeaturePage([text for _, text in found[: wanted.limit]], None)
    page = found[: wanted.limit]
    next_after = page[-1][0] if len(found) > wanted.limit else None
    return FeaturePage([text for _, text in page], next_after)


def fetch_rows(conn: Connection, statement: sa.Select[Any]) -> FeaturePage:
    """All rows of a statement with `geom`, `id` and properties, in its order."""
    rows = statement.subquery("rows")
    return FeaturePage([text for (text,) in conn.execute(sa.select(as_geojson(rows)))], None)


def fetch_feature(conn: Connection, layer: Layer, role: str, feature_id: int) -> str | None:
    """One feature as GeoJSON text, or None if there is none that the actor may see."""
    table = table_of(layer, role)
    columns = [table.c.geom, table.c.id, *property_columns(layer, role)]
    rows = sa.select(*columns).where(table.c.id == feature_id).subquery("rows")
    return conn.execute(sa.select(as_geojson(rows))).scalar_one_or_none()


def fetch_table(conn: Connection, rows: sa.Select[Any]) -> tuple[list[str], list[Sequence[Any]]]:
    """Column names and rows for a table file: geometry becomes `lon`, `lat` of a point on the shape (EPSG:4326)."""
    inner = rows.subquery("rows")
    spot = sa.func.ST_PointOnSurface(inner.c.geom)
    others = [c for c in inner.c if c.name != "geom"]
    lonlat = [sa.func.ST_X(spot).label("lon"), sa.func.ST_Y(spot).label("lat")]
    result = conn.execute(sa.select(*others, *lonlat))
    return list(result.keys()), [tuple(row) for row in result]


def count_features(conn: Connection, layers: Sequence[Layer], role: str) -> dict[str, int]:
    """Number of rows of each layer that the actor may see."""
    if not layers:
        return {}
    tables = {layer.name: table_of(layer, role) for layer in layers}
    parts = [
        sa.select(sa.func.count()).select_from(table).scalar_subquery().label(name) for name, table in tables.items()
    ]
    return dict(conn.execute(sa.select(*parts)).mappings().one())
