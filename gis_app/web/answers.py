"""Answers that several resources give: feature collections as GeoJSON or CSV."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import Response, url_for

from gis_app.db import asking
from gis_app.queries.features import feature_rows, fetch_features, fetch_rows, fetch_table
from gis_app.queries.filters import FeatureFilter
from gis_app.queries.pages import TextPage, fetch_page, is_plain
from gis_app.web.context import actor, connection, engine
from gis_app.web.params import Param, one_of, whole
from layers.base import Layer

MAX_FEATURES = 10_000
FORMATS = ("geojson", "csv")
FORMAT = Param("f", one_of(*FORMATS), "Answer as GeoJSON or CSV", {"enum": list(FORMATS)}, default=FORMATS[0])
LIMIT = Param("limit", whole(1, MAX_FEATURES), "Most features in the answer", {"type": "integer"}, default=1000)
# A spreadsheet runs a cell that starts with one of these as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def feature_collection(features: str, count: int, *, next_href: str | None = None) -> Response:
    """A GeoJSON FeatureCollection from the features' text, which the database built."""
    links = f',"links":[{{"rel":"next","href":"{next_href}"}}]' if next_href else ',"links":[]'
    body = '{"type":"FeatureCollection","features":[' + features + f'],"numberReturned":{count}{links}}}'
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
        return rows_answer(feature_rows(layer, actor().reads_as, wanted), layer.name, "csv")
    if is_plain(wanted):
        with asking(engine()) as line:
            page = fetch_page(line, actor(), layer, wanted)
    else:
        found = fetch_features(connection(), layer, actor().reads_as, wanted)
        page = TextPage(",".join(found.features), len(found.features), found.next_after)
    href = None
    if page.next_after is not None and query is not None:
        href = url_for("layers.list_features", name=layer.name, **query | {"after": page.next_after})
    return feature_collection(page.text, page.count, next_href=href)


def rows_answer(rows: sa.Select[Any], filename: str, fmt: str) -> Response:
    """Rows of a prepared statement (`geom`, `id`, properties) as GeoJSON or CSV."""
    if fmt == "csv":
        names, table = fetch_table(connection(), rows)
        return csv_file(names, table, filename)
    found = fetch_rows(connection(), rows).features
    return feature_collection(",".join(found), len(found))
