"""Uploads and choices of the import wizard; no views here."""

import contextlib
import hashlib
import re
import shutil
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

from flask import request
from werkzeug.datastructures import FileStorage

from gis_app.analysis.coerce import LENGTHS
from gis_app.errors import BadRequest, Conflict, NotFound, Unprocessable
from gis_app.jobs.job_import import parameters
from gis_app.jobs.kinds import ask
from gis_app.queries import import_records as records
from gis_app.queries.import_records import ImportRecord
from gis_app.queries.jobs import Job, fetch_jobs
from gis_app.tables.imports import MAX_PART_BYTES, OSM
from gis_app.text import fold, has_personal_number, tidy
from gis_app.web.context import actor, commune, connection
from gis_app.web.values import MAX_ID
from layers import LAYERS
from layers.base import Layer

KIND = "import"
# Beside the file: the other fields of the form.
MAX_FORM_BYTES = 64 * 1024
ENCODINGS = ("utf-8", "cp1258", "tcvn3", "vni")
MAX_NAME = 120
# Of a Shapefile; the others that programs write beside it (.sbn, .qix, .xml) say nothing that is needed.
PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
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


def clean_name(text: str) -> str:
    """A file's name without folders, controls and marks that turn the direction of reading; it keeps its suffix."""
    last = re.split(r"[/\\]", text)[-1]
    name = tidy("".join(char for char in last if unicodedata.category(char)[0] != "C")) or "tep"
    stem, dot, suffix = name.rpartition(".")
    if has_personal_number(stem):
        stem = "tep"
    return f"{stem[: MAX_NAME - 20]}{dot}{suffix[:19]}" if dot else name[:MAX_NAME]


def upload() -> int:
    """Keep the form's file, or the parts of a Shapefile as one, and ask for its reading; return the import's id."""
    with contextlib.ExitStack() as stack:
        files = [stack.enter_context(contextlib.closing(one)) for one in request.files.getlist("file")]
        files = [one for one in files if one.filename]
        if not files:
            raise Unprocessable("import_no_file")
        if len(files) == 1 and PurePath(files[0].filename or "").suffix.lower() not in PARTS:
            return _keep(files[0], files[0].filename or "")
        return _keep(*_together(files, stack))


def _together(files: list[FileStorage], stack: contextlib.ExitStack) -> tuple[FileStorage, str]:
    """The parts of one Shapefile as a zip: people choose them side by side in a folder.

    Raises
    ------
    Unprocessable
        `import_refused` with `several_files` or `shp_parts` as `reason`.
    """
    names = [PurePath(clean_name(one.filename or "")) for one in files]
    parts = {name.suffix.lower(): one for name, one in zip(names, files, strict=True)}
    if len({name.stem for name in names}) > 1 or len(parts) < len(files) or (".shp" not in parts and len(files) > 1):
        raise Unprocessable("import_refused", reason="several_files")
    missing = [suffix for suffix in (".shp", ".shx", ".dbf") if suffix not in parts]
    if missing:
        raise Unprocessable("import_refused", reason="shp_parts", missing=", ".join(missing))
    packed = stack.enter_context(tempfile.SpooledTemporaryFile(max_size=2**20))  # noqa: SIM115 - the stack closes it
    with zipfile.ZipFile(packed, "w") as archive:
        for suffix in PARTS:
            if suffix in parts:
                with archive.open(f"tep{suffix}", "w") as sink:
                    shutil.copyfileobj(parts[suffix].stream, sink)
    return FileStorage(packed), f"{names[0].stem}.zip"


def _keep(file: FileStorage, filename: str) -> int:
    """Keep the file, unless its name or size already says that it cannot be read.

    Raises
    ------
    Unprocessable
        `import_refused` with the rule's name as `reason`.
    """
    # Here, not above: the readers' libraries are half of the server's start.
    from gis_app.formats import FormatError  # noqa: PLC0415
    from gis_app.jobs.import_steps import MAX_UPLOAD_BYTES, is_extract, suffix_of  # noqa: PLC0415

    here = commune()
    name, wanted = clean_name(filename), request.form.get("layer", "")
    is_osm = is_extract(name)
    if not is_osm and wanted not in {layer.name for layer in layers_to_fill()}:
        raise Unprocessable("import_no_layer")
    try:
        suffix_of(name)
    except FormatError as error:
        code = "xlsx_macro" if name.lower().endswith((".xlsm", ".xltm", ".xlsb", ".xls", ".docm")) else error.code
        raise Unprocessable("import_refused", reason=code, **error.params) from error
    size, sha256 = _measure(file)
    if size == 0:
        raise Unprocessable("import_refused", reason="file_empty")
    if size > MAX_UPLOAD_BYTES:
        raise Unprocessable("import_refused", reason="too_large", limit_mb=MAX_UPLOAD_BYTES // 2**20)
    conn = connection()
    import_id = records.insert_import(conn, here.id, OSM if is_osm else wanted, name, size, sha256)
    records.insert_file(conn, here.id, import_id, _pieces(file))
    ask_part(find_import(import_id), "read")
    return import_id


def _pieces(file: FileStorage) -> Iterator[bytes]:
    file.stream.seek(0)
    while piece := file.stream.read(MAX_PART_BYTES):
        yield piece


def _measure(file: FileStorage) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    for piece in _pieces(file):
        size += len(piece)
        digest.update(piece)
    return size, digest.hexdigest()


def ask_part(record: ImportRecord, part: str) -> int:
    """Ask for a part of the import; asked twice it is one job."""
    return ask(connection(), KIND, parameters(record, part))


def form_version() -> int:
    """The version that the form's page showed."""
    text = request.form.get("version", "")
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise BadRequest("bad_parameter", name="version", rule="whole")
    return int(text)


def change(record: ImportRecord, values: Mapping[str, Any]) -> ImportRecord:
    """Change the version that the form's page showed; return what it is then."""
    if record.state in ("applied", "undone") or any(job.is_open for job in jobs_of(record)):
        raise Conflict("import_changed")
    if record.version != form_version() or not records.update_import(connection(), record.id, record.version, values):
        raise Conflict("import_changed")
    return find_import(record.id)


def chosen_reading(record: ImportRecord) -> dict[str, Any]:
    """Encoding, EPSG code and axis order of the form; what is not offered is refused."""
    now = str(record.options.get("encoding", ""))
    encoding = request.form.get("encoding", now)
    known = {one[0] for one in (record.found or {}).get("readings", [])} | {(record.found or {}).get("encoding", "")}
    if encoding not in known:
        raise BadRequest("bad_parameter", name="encoding", rule="choice")
    if encoding.removesuffix("-sig") == now.removesuffix("-sig"):
        encoding = now
    match = READING.fullmatch(request.form.get("reading", ""))
    offered = {(one["srid"], one["swapped"]) for one in (record.found or {}).get("candidates", [])}
    if match is None or (int(match[1]), bool(match[2])) not in offered:
        raise BadRequest("bad_parameter", name="reading", rule="choice")
    return {"encoding": encoding, "srid": int(match[1]), "swap_axes": bool(match[2])}


def chosen_columns(record: ImportRecord) -> dict[str, Any]:
    """Columns, units and values of the form, as `import_columns.chosen_columns` wants them."""
    layer, form = LAYERS[record.layer], request.form
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
