"""Answers that several resources give: feature collections as GeoJSON or CSV."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import Response, url_for

from gis_app.queries.features import FeaturePage, feature_rows, fetch_features, fetch_rows, fetch_table
from gis_app.queries.filters import FeatureFilter
from gis_app.web.context import actor, connection
from gis_app.web.params import Param, one_of, whole
from layers.base import Layer

MAX_FEATURES = 10_000
FORMATS = ("geojson", "csv")
FORMAT = Param("f", one_of(*FORMATS), "Answer as GeoJSON or CSV", {"enum": list(FORMATS)}, default=FORMATS[0])
LIMIT = Param("limit", whole(1, MAX_FEATURES), "Most features in the answer", {"type": "integer"}, default=1000)
# A spreadsheet runs a cell that starts with one of these as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def feature_collection(page: FeaturePage, *, next_href: str | None = None) -> Response:
    """A GeoJSON FeatureCollection from texts that the database built."""
    links = f',"links":[{{"rel":"next","href":"{next_href}"}}]' if next_href else ',"links":[]'
    body = (
        '{"type":"FeatureCollection","features":['
        + ",".join(page.features)
        + f'],"numberReturned":{len(page.features)}{links}}}'
    )
    return Response(body, mimetype="application/geo+json")


def csv_file(names: Sequence[str], rows: Sequence[Sequence[Any]], filename: str) -> Response:
    """A CSV download with a byte-order mark, so that spreadsheets read Vietnamese; cells never start a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(names)
    writer.writerows([_cell(value) for value in row] for row in rows)
    answer = Response("\ufeff" + out.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{filename}.csv"'
    return answer


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def features_answer(layer: Layer, wanted: FeatureFilter, fmt: str, query: dict[str, Any] | None = None) -> Response:
    """Features of a layer in the format asked for; `query` gives the page's own parameters for the next link."""
    if fmt == "csv":
        return rows_answer(feature_rows(layer, actor().role, wanted), layer.name, "csv")
    page = fetch_features(connection(), layer, actor().role, wanted)
    href = None
    if page.next_after is not None and query is not None:
        href = url_for("layers.list_features", name=layer.name, **query | {"after": page.next_after})
    return feature_collection(page, next_href=href)


def rows_answer(rows: sa.Select[Any], filename: str, fmt: str) -> Response:
    """Rows of a prepared statement (`geom`, `id`, properties) as GeoJSON or CSV."""
    if fmt == "csv":
        names, table = fetch_table(connection(), rows)
        return csv_file(names, table, filename)
    return feature_collection(fetch_rows(connection(), rows))
