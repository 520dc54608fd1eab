"""The import wizard: a file, its letters and coordinates, its columns, what is wrong, what would change, undo.

Every step works without JavaScript: a page shows the state that the import is in.
"""

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as AnyResponse

from gis_app.errors import Conflict, GisError, Unprocessable
from gis_app.queries import import_records as records
from gis_app.queries.import_records import ImportRecord
from gis_app.tables.imports import OSM
from gis_app.web import import_forms as forms
from gis_app.web import import_shown as shown
from gis_app.web import import_words as say
from gis_app.web.answers import csv_file
from gis_app.web.context import allow, commune, connection, own_layer, people_only
from gis_app.web.i18n import t, words
from gis_app.web.job_forms import status_text
from gis_app.web.moments import vietnamese
from gis_app.web.params import Param, one_of, read_query, reads
from gis_app.web.safe_writes import seen_version
from layers import LAYERS
from layers.base import DATA

blueprint = Blueprint("import_pages", __name__, url_prefix="/du-lieu/nhap")

ADDRESS = "/du-lieu/nhap"
STEPS = ("tep", "toa-do", "cot", "ket-qua", "xong")
STEP_OF = {"new": "tep", "refused": "tep", "read": "toa-do", "placed": "cot", "checked": "ket-qua",
           "applied": "xong", "undone": "xong"}  # fmt: skip
BACK = Param("buoc", one_of("toa-do", "cot"), "A step to go back to", {"enum": ["toa-do", "cot"]})
# As pyproj and the readers accept them, for the file dialog; a Shapefile may come as its parts.
ACCEPTED = (
    ".zip,.shp,.shx,.dbf,.prj,.cpg,.geojson,.json,.gpkg,.kml,.kmz,.csv,.tsv,.xlsx,.gpx,.osm,.pbf,.jpg,.jpeg,.png,.webp"
)


def _render(template: str, problem: GisError | None = None, **values: Any) -> str:
    text = None if problem is None else t(f"error.{problem.code}", **problem.params)
    if problem is not None and "reason" in problem.params:
        text = say.rule(problem.params["reason"], {**problem.params})
    shared: dict[str, Any] = {
        "place": commune(),
        "moment": vietnamese,
        "whole": lambda value: words().number(int(value)),
        "say": say,
        "status_text": status_text,
        "steps": STEPS,
        "problem": text,
        "boot": {"csrf_token": generate_csrf(), "offline": t("common.offline"), "sending": t("wizard.sending")},
    }
    return render_template(template, **{**shared, **values})


def _list(problem: GisError | None = None) -> str:
    return _render(
        "imports/index.html",
        problem,
        imports=records.fetch_imports(connection(), commune().id),
        layers=forms.layers_to_fill(),
        chosen=request.form.get("layer") or request.args.get("lop", ""),
        accepted=ACCEPTED,
    )


@blueprint.get("")
@allow(*DATA)
@reads(Param("lop", one_of(*LAYERS), "The layer to fill", {"enum": list(LAYERS)}))
def show_list(query: dict[str, Any]) -> str:
    """Choose a file and a layer; imports so far."""
    del query
    return _list()


@blueprint.post("")
@allow(*DATA)
@people_only
def create() -> AnyResponse | tuple[str, int]:
    """Take a file; the page of its import follows."""
    try:
        import_id = forms.upload()
    except GisError as error:
        return _list(error), error.status
    return _to(import_id)


create.max_body_bytes = forms.MAX_FORM_BYTES  # type: ignore[attr-defined]


@blueprint.get("/<int:import_id>")
@allow(*DATA)
@reads(BACK)
def show_import(query: dict[str, Any], import_id: int) -> str:
    """The step that the import is at, or one to go back to."""
    return _show(forms.find_import(import_id), query["buoc"])


def _show(record: ImportRecord, back: str | None = None, problem: GisError | None = None) -> str:
    asked = forms.jobs_of(record)
    working = [job for job in asked if job.is_open]
    step = STEP_OF[record.state]
    if back and record.found is not None and record.state in ("read", "placed", "checked"):
        step = back if back == "toa-do" or record.state != "read" else step
    values: dict[str, Any] = {
        "record": record,
        "step": step,
        "jobs": working,
        "failed": asked[0] if asked and asked[0].state in ("failed", "cancelled") else None,
        "back": f"{ADDRESS}/{record.id}",
        "layer": LAYERS.get(record.layer),
    }
    if not working and step == "toa-do":
        values |= shown.place_values(record)
    if not working and step == "cot":
        values |= shown.column_values(record, own_layer(LAYERS[record.layer]))
    if step in ("ket-qua", "xong") and record.layer != OSM:
        values |= shown.result_values(own_layer(LAYERS[record.layer]))
    if step == "ket-qua" and record.report and record.report.get("fault_count"):
        values["faults"] = say.fault_rows(record.report, record.layer)
    return _render("imports/show.html", problem, **values)


def _to(import_id: int, query: str = "") -> AnyResponse:
    return redirect(f"{ADDRESS}/{import_id}{query}", 303)


def _ask(import_id: int, state: str, part: str, **options: Any) -> AnyResponse:
    """Ask for a part of an import that is in this state, in the version shown; `options` are chosen with it."""
    record, version = forms.find_import(import_id), seen_version()
    forms.refuse_busy(record, version, state)
    if options:
        record = forms.change(record, version, {"options": dict(record.options) | options})
    forms.ask_part(record, part)
    return _to(import_id)


@blueprint.post("/<int:import_id>/toa-do")
@allow(*DATA)
@people_only
def choose_reading(import_id: int) -> AnyResponse | tuple[str, int]:
    """Choose encoding and coordinates: look at them, or go on where they fit the commune."""
    record = forms.find_import(import_id)
    record, job_id = forms.set_reading(record, seen_version(), forms.chosen_reading(record))
    if job_id is not None:
        return _to(import_id)
    if request.form.get("act") != "next":
        return _to(import_id, "?buoc=toa-do")
    try:
        forms.refuse_away(record)
        forms.refuse_unchosen(record)
    except Unprocessable as error:
        return _show(record, "toa-do", error), 422
    records.update_import(connection(), record.id, record.version, {"state": "placed"})
    return _to(import_id)


@blueprint.post("/<int:import_id>/cot")
@allow(*DATA)
@people_only
def choose_columns(import_id: int) -> AnyResponse:
    """Choose columns; look at the values again, or have every row checked."""
    record = forms.find_import(import_id)
    if record.layer == OSM or record.found is None or record.state not in ("placed", "checked"):
        raise Conflict("import_changed")
    repair = request.form.get("repair") == "1"
    options = dict(record.options) | {"columns": forms.chosen_columns(record), "repair": repair}
    record = forms.change(record, seen_version(), {"options": options, "state": "placed", "report": None})
    if request.form.get("act") == "check":
        forms.ask_part(record, "check")
    return _to(import_id)


@blueprint.post("/<int:import_id>/sua-hinh")
@allow(*DATA)
@people_only
def repair_shapes(import_id: int) -> AnyResponse:
    """Have areas that cross themselves made valid, and check again."""
    return _ask(import_id, "checked", "check", repair=True)


@blueprint.post("/<int:import_id>/ap-dung")
@allow(*DATA)
@people_only
def apply_import(import_id: int) -> AnyResponse:
    """Store what was checked, all or nothing."""
    if not (forms.find_import(import_id).report or {}).get("is_good"):
        raise Conflict("import_changed")
    return _ask(import_id, "checked", "apply", remove_gone=request.form.get("remove_gone") == "1")


@blueprint.post("/<int:import_id>/hoan-tac")
@allow(*DATA)
@people_only
def undo(import_id: int) -> AnyResponse:
    """Take the import back."""
    return _ask(import_id, "applied", "undo")


@blueprint.post("/<int:import_id>/doc-lai")
@allow(*DATA)
@people_only
def read_again(import_id: int) -> AnyResponse:
    """Ask once more for the reading that failed or was cancelled."""
    return _ask(import_id, "new", "read")


@blueprint.post("/<int:import_id>/bo")
@allow(*DATA)
@people_only
def throw_away(import_id: int) -> AnyResponse:
    """Throw away an import that stored nothing."""
    forms.throw_away(forms.find_import(import_id), seen_version())
    return redirect(ADDRESS, 303)


@blueprint.get("/<int:import_id>/loi.csv")
@allow(*DATA)
def show_faults(import_id: int) -> Response:
    """Every fault of the last check as CSV: row, column, value, reason."""
    read_query(())
    record = forms.find_import(import_id)
    rows = [
        (fault["number"] or "", fault["column"], say.fault_value(fault), say.fault_reason(record.layer, fault))
        for fault in records.read_faults(connection(), record.id)
    ]
    names = [t(f"import.table_{name}") for name in ("row", "column", "value", "reason")]
    return csv_file(names, rows, f"loi-nhap-{record.id}")
