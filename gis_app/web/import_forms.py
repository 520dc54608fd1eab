"""Uploads and choices of the import wizard; no views here."""

import contextlib
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask import request

from gis_app.analysis.coerce import LENGTHS
from gis_app.errors import BadRequest, Conflict, NotFound, Unprocessable
from gis_app.jobs.import_doubt import doubt_of
from gis_app.jobs.job_import import parameters
from gis_app.jobs.kinds import ask
from gis_app.queries import import_records as records
from gis_app.queries.import_records import ImportRecord
from gis_app.queries.jobs import Job, fetch_jobs
from gis_app.tables.imports import OSM
from gis_app.text import fold
from gis_app.web.context import actor, commune, connection, own_layer
from gis_app.web.i18n import words
from gis_app.web.import_uploads import MAX_BYTES, Sent, clean_name, keep
from gis_app.web.values import MAX_ID
from layers import LAYERS
from layers.base import Layer

KIND = "import"
# The largest file, and what the other fields of the form need.
MAX_FORM_BYTES = MAX_BYTES + 64 * 1024
# In the place of a column with codes: what has the same name is the same thing.
BY_NAME = "= ten"
READING = re.compile(r"([0-9]{4,5})(x?)")


def layers_to_fill() -> list[Layer]:
    """The layers that the actor may import into, in the catalogue's order."""
    role = actor().role
    return [layer for layer in LAYERS.values() if role in layer.editors and not layer.tenant]


def can_match_names(layer: Layer) -> bool:
    """Whether rows may be known by their name: areas that every one has a name of its own."""
    named = layer.field(layer.label or "")
    return bool(named and named.required and layer.geometry.endswith("POLYGON"))


def find_import(import_id: int) -> ImportRecord:
    """The import if it is the actor's commune's."""
    here = commune()
    found = records.fetch_imports(connection(), here.id, import_id=import_id) if import_id <= MAX_ID else []
    if not found:
        raise NotFound("import_not_found")
    return found[0]


def jobs_of(record: ImportRecord) -> list[Job]:
    """The jobs of an import, newest first."""
    found = fetch_jobs(connection(), commune().id, kind=KIND)
    return [job for job in found if job.parameters.get("import_id") == record.id]


def upload() -> int:
    """Keep the form's file, or its photos, and ask for the reading; return the import's id."""
    files = [file for file in request.files.getlist("file") if file.filename]
    if not files:
        raise Unprocessable("import_no_file")
    with contextlib.ExitStack() as stack:
        sent = [Sent(clean_name(file.filename or ""), stack.enter_context(contextlib.closing(file)).stream)
                for file in files]  # fmt: skip
        return keep_import(sent, request.form.get("layer", ""))[0]


def keep_import(files: Sequence[Sent], wanted: str) -> tuple[int, int]:
    """Keep files for a layer and ask for their reading: the ids of the import and of its job.

    Raises
    ------
    Unprocessable
        `import_no_layer`, or `import_refused` with the rule's name as `reason`.
    """
    # Here, not above: the readers' libraries are half of the server's start.
    from gis_app.jobs.import_steps import is_extract  # noqa: PLC0415

    here, is_osm = commune(), len(files) == 1 and is_extract(files[0].name)
    if not is_osm and wanted not in {layer.name for layer in layers_to_fill()}:
        raise Unprocessable("import_no_layer")
    kept = keep(files)
    if kept.are_photos and not LAYERS[wanted].is_point:
        raise Unprocessable("import_refused", reason="photos_points")
    conn = connection()
    layer = OSM if is_osm else wanted
    import_id = records.insert_import(conn, here.id, layer, kept.name, kept.byte_count, kept.sha256)
    records.insert_file(conn, here.id, import_id, kept.pieces)
    return import_id, ask_part(find_import(import_id), "read")


def ask_part(record: ImportRecord, part: str) -> int:
    """Ask for a part of the import; asked twice it is one job."""
    return ask(connection(), KIND, parameters(record, part))


def change(record: ImportRecord, version: int, values: Mapping[str, Any]) -> ImportRecord:
    """Change the version that somebody saw; return what it is then."""
    refuse_busy(record, version)
    if not records.update_import(connection(), record.id, record.version, values):
        raise Conflict("import_changed")
    return find_import(record.id)


def refuse_busy(record: ImportRecord, version: int, *states: str) -> None:
    """Refuse what has moved on or is being worked on, or is in none of the states (none: any before it is applied)."""
    is_there = record.state in states if states else record.state not in ("applied", "undone")
    if not is_there or record.version != version or any(job.is_open for job in jobs_of(record)):
        raise Conflict("import_changed")


def throw_away(record: ImportRecord, version: int) -> None:
    """Throw away an import that stored nothing."""
    refuse_busy(record, version)
    if not records.delete_import(connection(), record.id, version):
        raise Conflict("import_changed")


def fit_now(record: ImportRecord) -> Mapping[str, Any] | None:
    """How the chosen reading fits the commune; None: it puts the places nowhere."""
    # Here, not above: geopandas is half of the server's start.
    from gis_app.jobs.import_steps import fit_of_record  # noqa: PLC0415

    return fit_of_record(connection(), record, actor().commune_id)


def refuse_away(record: ImportRecord) -> None:
    """Refuse a reading that does not put most places into the commune."""
    from gis_app.jobs.import_guess import fits  # noqa: PLC0415

    fit = fit_now(record)
    if not fits(fit):
        km = 0.0 if fit is None else fit["distance_km"]
        raise Unprocessable("import_not_here", km=words().number(Decimal(str(km))), commune=commune().full_name)


def refuse_unchosen(record: ImportRecord) -> None:
    """Refuse a guess where the file itself says something else, or what nobody can read."""
    doubt = doubt_of(record)
    if doubt is not None and not record.options.get("crs_chosen"):
        raise Unprocessable(f"import_{doubt.code}", name=doubt.name)


def chosen_reading(record: ImportRecord) -> dict[str, Any]:
    """Encoding, EPSG code and axis order of the form; what is not offered is refused."""
    encoding = request.form.get("encoding", str(record.options.get("encoding", "")))
    match = READING.fullmatch(request.form.get("reading", ""))
    if match is None:
        raise BadRequest("bad_parameter", name="reading", rule="choice")
    reading = offered_reading(record, encoding, int(match[1]), swapped=bool(match[2]))
    return reading | {"crs_chosen": request.form.get("crs_chosen") == "1"}


def offered_reading(record: ImportRecord, encoding: str, srid: int | None, *, swapped: bool) -> dict[str, Any]:
    """A reading as the record keeps it, if it was offered."""
    found = record.found or {}
    # What a byte order mark adds to the name is nobody's choice.
    old = str(record.options.get("encoding", ""))
    encoding = old if encoding.removesuffix("-sig") == old.removesuffix("-sig") else encoding
    if encoding not in {old, found.get("encoding", ""), *(one[0] for one in found.get("readings", []))}:
        raise BadRequest("bad_parameter", name="encoding", rule="choice")
    if (srid, swapped) not in {(one["srid"], one["swapped"]) for one in found.get("candidates", [])}:
        raise BadRequest("bad_parameter", name="reading", rule="choice")
    return {"encoding": encoding, "srid": srid, "swap_axes": swapped}


def set_reading(record: ImportRecord, version: int, chosen: Mapping[str, Any]) -> tuple[ImportRecord, int | None]:
    """Keep a reading: the import then, and the job that reads the file again where its letters are others."""
    rereads = chosen["encoding"] != record.options.get("encoding", "")
    # Other letters make other column names, too.
    options = dict(record.options) | chosen | ({"columns": None} if rereads else {})
    record = change(record, version, {"options": options, "state": "read", "report": None})
    return record, ask_part(record, "read") if rereads else None


def chosen_columns(record: ImportRecord) -> dict[str, Any]:
    """Columns, units and values of the form, as `import_columns.chosen_columns` wants them."""
    layer, form = own_layer(LAYERS[record.layer]), request.form
    columns = {column["name"] for column in (record.found or {}).get("columns", [])}
    chosen: dict[str, Any] = {"fields": {}, "id_column": None, "by_name": False, "units": {}, "values": {}}
    for f in layer.fields:
        column = form.get(f"field:{f.name}", "")
        if f.managed or column not in columns:
            continue
        chosen["fields"][f.name] = column
        unit = form.get(f"unit:{f.name}", "")
        if f.unit in LENGTHS and unit in LENGTHS and unit != f.unit:
            chosen["units"][f.name] = unit
        codes = {choice.code for choice in f.choices}
        start = f"value:{f.name}:"
        values = {
            fold(key[len(start) :]): code for key, code in form.items() if key.startswith(start) and code in codes
        }
        if values:
            chosen["values"][f.name] = values
    if form.get("id_column", "") in columns:
        chosen["id_column"] = form["id_column"]
    elif form.get("id_column") == BY_NAME:
        chosen["by_name"] = can_match_names(layer)
    return chosen
