"""Aggregate figures of the commune by evaluation period (police roles), and the type that they make (all staff)."""

from flask import Blueprint, Response, jsonify

from gis_app.queries.commune_types import fetch_figures, fetch_types
from gis_app.queries.records import delete_record, insert_record, update_record
from gis_app.tables.roadmap import commune_figures
from gis_app.web.context import allow, commune, connection
from gis_app.web.figure_bodies import COUNTS, figures_dict, read_figures, type_dict, with_type
from gis_app.web.params import read_query
from gis_app.web.records import answer, body, check_version, found_record, own_version, written
from gis_app.web.safe_writes import once
from layers.base import POLICE, STAFF

blueprint = Blueprint("commune_figures", __name__)

ADDRESS = "/api/commune-figures"
SCHEMA = {
    "type": "object",
    "properties": {
        "period_year": {"type": "integer"},
        **{name: {"type": "integer", "nullable": True} for name in COUNTS},
        "plant_area_m2": {"type": "string", "nullable": True},
        "on_key_route": {"type": "boolean"},
        "document": {"type": "string"},
    },
}


@blueprint.get("/api/commune-types")
@allow(*STAFF)
def list_types() -> Response:
    """Type I, II, III or none of the commune in each period, newest first, without the counts behind it."""
    read_query(())
    commune()
    return jsonify({"commune_types": [type_dict(found) for found in fetch_types(connection())]})


@blueprint.get(ADDRESS)
@allow(*POLICE)
def list_figures() -> Response:
    """Figures by period (15/12 to 14/12 of `period_year`), with the type and its reasons."""
    read_query(())
    here = commune().id
    return jsonify({"commune_figures": [figures_dict(row) for row in fetch_figures(connection(), here)]})


@blueprint.get(f"{ADDRESS}/<int:commune_figure_id>")
@allow(*POLICE)
def show_figures(commune_figure_id: int) -> Response:
    """Figures of one period."""
    read_query(())
    commune()
    return answer(figures_dict(found_record(commune_figures, commune_figure_id)), ADDRESS)


@blueprint.post(ADDRESS)
@allow(*POLICE)
@once
def create_figures() -> Response:
    """Enter the figures of a period; the type is computed and kept with them."""
    values = read_figures(body(), whole=True)
    here = commune().id
    values |= with_type(values)
    row = written(lambda: insert_record(connection(), commune_figures, here, values), commune_figures)
    return answer(figures_dict(row), ADDRESS, 201)


@blueprint.patch(f"{ADDRESS}/<int:commune_figure_id>")
@allow(*POLICE)
def update_figures(commune_figure_id: int) -> Response:
    """Correct figures; the type is computed again."""
    version, values = own_version(), read_figures(body(), whole=False)
    commune()
    now = dict(found_record(commune_figures, commune_figure_id)._mapping)
    values |= with_type(now | values)
    number = commune_figure_id
    row = written(lambda: update_record(connection(), commune_figures, number, version, values), commune_figures)
    return answer(figures_dict(check_version(row, commune_figures, commune_figure_id)), ADDRESS)


@blueprint.delete(f"{ADDRESS}/<int:commune_figure_id>")
@allow(*POLICE)
def delete_figures(commune_figure_id: int) -> tuple[str, int]:
    """Delete the figures of a period."""
    version = own_version()
    commune()
    if not delete_record(connection(), commune_figures, commune_figure_id, version):
        check_version(None, commune_figures, commune_figure_id)
    return "", 204


for _view in (create_figures, update_figures):
    _view.body_schema = SCHEMA  # type: ignore[attr-defined]
for _change in (update_figures, delete_figures):
    _change.needs_version = True  # type: ignore[attr-defined]
