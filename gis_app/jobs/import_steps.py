"""The parts of an import: what reading shows, what checking finds, what applying writes."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.analysis import near
from gis_app.crs import STORED
from gis_app.errors import Conflict, NotFound
from gis_app.formats import FormatError, Limits, Options, format_of, read_file
from gis_app.formats.base import MEBIBYTE, OSM_LIMITS
from gis_app.jobs import import_guess
from gis_app.jobs.import_bounds import foresee
from gis_app.jobs.import_doubt import doubt_of
from gis_app.jobs.import_osm import import_osm
from gis_app.jobs.import_places import Frame, transform
from gis_app.jobs.import_report import ImportReport
from gis_app.jobs.import_rows import Rows
from gis_app.jobs.imports import ImportRequest, Watch, import_table
from gis_app.jobs.kinds import Work
from gis_app.queries import import_diff as diff
from gis_app.queries import import_records as records
from gis_app.queries import imports as queries
from gis_app.queries import osm_rows
from gis_app.queries.audit import record_event
from gis_app.queries.batches import UNDO_AGE
from gis_app.queries.import_records import ImportRecord
from gis_app.queries.place_classes import with_classes
from gis_app.tables.imports import OSM
from gis_app.text import fold
from layers import LAYERS
from layers.base import Layer

MAX_UPLOAD_BYTES = 50 * MEBIBYTE
UPLOAD_LIMITS = Limits(max_file_bytes=MAX_UPLOAD_BYTES, wall_s=90)
OSM_UPLOAD_LIMITS = replace(OSM_LIMITS, max_file_bytes=MAX_UPLOAD_BYTES, memory_bytes=2048 * MEBIBYTE, wall_s=600)
# What a page shows of long lists; every fault can be downloaded.
SHOWN = 100


def suffix_of(file_name: str) -> str:
    """The suffix that says the format; `unknown_format` where none does."""
    reader = "read_layers" if is_extract(file_name) else "read"
    return format_of(Path(file_name), reader)[0]


def is_extract(file_name: str) -> bool:
    """Whether a name is that of an OpenStreetMap extract."""
    return file_name.lower().endswith((".osm", ".osm.pbf", ".pbf"))


def frame_of(conn: Connection, commune_id: int | None) -> Frame:
    """The outline of the commune."""
    found = queries.fetch_outlines(conn, commune_id=commune_id or 0)
    if not found:
        raise NotFound("import_not_found")
    return Frame(found[0])


def fit_of_record(conn: Connection, record: ImportRecord, commune_id: int | None) -> Mapping[str, Any] | None:
    """How the places that were found fit the commune in the chosen reading; None: nowhere, or nothing is chosen."""
    srid, found = record.options.get("srid"), record.found or {}
    places = np.array(found.get("places", []), dtype=float).reshape(-1, 2)
    if srid is None:
        return None
    frame = frame_of(conn, commune_id)
    return import_guess.fit_of(places, frame, srid, swapped=bool(record.options.get("swap_axes")))


def read_upload(work: Work, record: ImportRecord, path: Path, layer: Layer) -> Mapping[str, Any]:
    """Read the file with the best guesses and keep what a person decides on next."""
    encoding = str(record.options.get("encoding", ""))
    options = Options(layer=layer.name, encoding=encoding, geometry=layer.geometry, lenient=True)
    try:
        work.step(5, "reading")
        table = read_file(path, options, UPLOAD_LIMITS, lambda: _said(work.step(5, "reading")))
    except FormatError as error:
        return refusal(error.code, error.params)
    if not len(table):
        return refusal("file_empty", {})
    work.step(70, "guessing")
    found = import_guess.look(table, layer, frame_of(work.conn, work.actor.commune_id))
    found["mapped"]["by_name"] = _has_known_names(work.conn, work.actor.commune_id or 0, layer, table, found["mapped"])
    best = found["candidates"][0] if found["candidates"] else None
    chosen = {"encoding": found["encoding"], "srid": None, "swap_axes": False}
    if best is not None:
        chosen |= {"srid": best["srid"], "swap_axes": best["swapped"]}
    return {"state": "read", "found": found, "options": chosen, "report": None}


def _has_known_names(
    conn: Connection, commune_id: int, layer: Layer, table: gpd.GeoDataFrame, mapped: Mapping[str, Any]
) -> bool:
    """Whether a survey without codes brings again what is there under the same names: at least half of its areas."""
    column = mapped["fields"].get(layer.label)
    if mapped["id_column"] or column is None or not layer.geometry.endswith("POLYGON"):
        return False
    there = {fold(name) for _, name in diff.fetch_keys(conn, layer, commune_id).values()}
    return sum(fold(str(name)) in there for name in table[column]) * 2 >= len(table)


def _said(_wants_finish: bool) -> None:
    """A step that is told has had its say."""


def refusal(code: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is kept of a file that cannot be read."""
    plain = {name: value for name, value in params.items() if isinstance(value, int | float | str)}
    return {"state": "refused", "report": {"refusal": code, "params": plain}, "found": None}


def request_of(record: ImportRecord, commune_id: int, *, is_dry_run: bool) -> ImportRequest:
    """What the person chose."""
    chosen = record.options
    return ImportRequest(
        commune_id,
        chosen.get("srid"),
        bool(chosen.get("swap_axes")),
        is_dry_run,
        source=f"import: {record.file_name}"[:200],
        encoding=str(chosen.get("encoding") or ""),
        columns=chosen.get("columns"),
        repair=bool(chosen.get("repair")),
    )


def run_import(work: Work, record: ImportRecord, path: Path, *, is_dry_run: bool) -> dict[str, Any]:
    """Check, or check and store; return the report as JSON."""
    commune_id = work.actor.commune_id or 0
    request = request_of(record, commune_id, is_dry_run=is_dry_run)
    if record.layer == OSM:
        return _run_extract(work, record, path, request)
    layer = with_classes(work.conn, commune_id, LAYERS[record.layer])
    watch = _Looking(work, record, frame_of(work.conn, commune_id))
    try:
        work.step(5, "reading")
        table = read_file(path, request.options(layer), UPLOAD_LIMITS, lambda: watch.step(5, "reading"))
    except FormatError as error:
        report = ImportReport(layer.name)
        found = _as_json(report, watch) | {"refusal": error.code, "params": dict(error.params)}
        return found | {"is_good": False}
    report = import_table(work.conn, layer, table, request, watch)
    doubt = doubt_of(record)
    if doubt is not None:
        report.note("crs_chosen", name=doubt.name, srid=request.srid)
    watch.step(96, "writing")
    records.replace_faults(work.conn, commune_id, record.id, map(asdict, report.errors))
    if report.is_stored:
        _tell(work, record, report, watch.removed_count)
    return _as_json(report, watch) | {"names": _names(table, layer, request, report)}


def _names(table: gpd.GeoDataFrame, layer: Layer, request: ImportRequest, report: ImportReport) -> dict[str, str]:
    """What the rows with a fault are called in the file, by number: people look for a name, not for row 17."""
    column = (request.columns or {}).get("fields", {}).get(layer.label)
    numbers = {error.number for error in report.errors[:SHOWN]} & set(table.index)
    if column not in table.columns:
        return {}
    return {str(number): str(table.at[number, column] or "")[:80] for number in numbers}


def _run_extract(work: Work, record: ImportRecord, path: Path, request: ImportRequest) -> dict[str, Any]:
    work.step(5, "reading")
    reports = import_osm(
        work.conn, path, request, OSM_UPLOAD_LIMITS, lambda percent, what: _said(work.step(percent, what))
    )
    total = ImportReport("", is_stored=bool(reports) and all(one.is_stored or not one.layer for one in reports))
    for one in reports:
        total.row_count += one.row_count
        total.inserted_count += one.inserted_count
        total.updated_count += one.updated_count
        total.unchanged_count += one.unchanged_count
        total.outside_count += one.outside_count
        total.removed_count += one.removed_count
        total.kept_count += one.kept_count
    whole = [error for one in reports for error in one.errors if not one.layer or error.number == 0]
    total.errors = whole
    left_out = sum(len(one.errors) for one in reports) - len(whole)
    layers = [
        {
            "layer": one.layer,
            "inserted": one.inserted_count,
            "updated": one.updated_count,
            "same": one.unchanged_count,
            "removed": one.removed_count,
            "kept": one.kept_count,
        }
        for one in reports
        if one.layer
    ]
    records.replace_faults(
        work.conn, work.actor.commune_id or 0, record.id, (asdict(e) for one in reports for e in one.errors)
    )
    if total.is_stored and not request.is_dry_run:
        _tell(work, record, total, total.removed_count)
    watch = _Looking(work, record, frame_of(work.conn, work.actor.commune_id))
    counts = {"left_out": left_out, "removed": total.removed_count, "kept": total.kept_count}
    return _as_json(total, watch) | counts | {"layers": layers, "is_good": not whole}


def _tell(work: Work, record: ImportRecord, report: ImportReport, removed_count: int) -> None:
    """What the log says of an import, beside its rows."""
    about = {"id": record.id, "layer": record.layer, "file": record.file_name, "sha256": record.sha256}
    counts = {"inserted": report.inserted_count, "updated": report.updated_count, "removed": removed_count}
    record_event(work.conn, "import", "imports", about | counts)


def undo_import(work: Work, record: ImportRecord) -> None:
    """Take back what the import wrote, if it is young and nobody has edited a row of it since."""
    if record.applied_at is None or not records.fetch_is_young(work.conn, record.id, UNDO_AGE):
        raise Conflict("import_undo_late")
    commune_id, who = work.actor.commune_id or 0, record.applied_by or ""
    queries.allow_long_statements(work.conn)
    names = [
        name for name in diff.fetch_written_layers(work.conn, commune_id, record.applied_at, who) if name in LAYERS
    ]
    for at, name in enumerate(names):
        work.step(10 + 80 * at // len(names), "undoing")
        try:
            done = diff.undo_rows(work.conn, LAYERS[name], commune_id, record.applied_at, who)
        except sa.exc.IntegrityError as error:
            raise Conflict("import_undo_used") from error
        if done.edited:
            raise Conflict("import_undo_edited", count=len(done.edited), keys=", ".join(done.edited)[:200])
    if record.layer == OSM:
        osm_rows.undo_notes(work.conn, commune_id, record.applied_at, who)
    about = {"id": record.id, "layer": record.layer, "file": record.file_name, "sha256": record.sha256}
    record_event(work.conn, "undo_import", "imports", about)


@dataclass
class _Near:
    """A hint: something of the same kind stands so near."""

    number: int
    name: str
    other: str
    in_table: bool
    distance_m: float
    lon: float
    lat: float


class _Looking(Watch):
    """Tells the job how far it is; keeps what is new, changed, gone, and what stands too near."""

    def __init__(self, work: Work, record: ImportRecord, frame: Frame) -> None:
        self.work, self.frame = work, frame
        self.remove_gone = bool(record.options.get("remove_gone"))
        self.changes: list[diff.Change] = []
        self.gone: dict[str, tuple[int, str]] = {}
        self.near: list[_Near] = []
        self.near_count = self.removed_count = 0
        self.meets = False
        self.bounds: dict[str, Any] | None = None

    def step(self, percent: int, message: str) -> None:
        """Write it down; raises where the job was cancelled."""
        self.work.step(percent, message)

    def rows(self, conn: Connection, layer: Layer, rows: Rows) -> None:
        """Compare with what the table has."""
        commune_id = self.frame.outline.id
        known = diff.fetch_keys(conn, layer, commune_id)
        here = set(rows.external_ids)
        self.meets = not here.isdisjoint(known)
        self.gone = {key: found for key, found in known.items() if key not in here}
        if layer.is_point:
            self._look_near(conn, layer, rows)
        if layer.name == "groups":
            self.bounds = foresee(conn, self.frame, rows, known)

    def _look_near(self, conn: Connection, layer: Layer, rows: Rows) -> None:
        moved = transform(rows.shapes, STORED, self.frame.srid)
        poles = [str(pole or "") for pole in rows.values.get(diff.POLE, [""] * len(rows.numbers))]
        new = near.Places(shapely.get_coordinates(moved), rows.external_ids, poles)
        here = set(rows.external_ids)
        stored = diff.fetch_places(conn, layer, self.frame.outline.id, self.frame.srid)
        # A row that the file brings again stands where the file says.
        others = [one for one in stored if one.external_id not in here]
        spots = np.array([[one.x, one.y] for one in others]).reshape(-1, 2)
        old = near.Places(spots, [one.external_id for one in others], [one.pole for one in others])
        names = [str(name or "") for name in rows.values.get(layer.label, [""] * len(rows.numbers))]
        at_table = near.find_near(new, old)
        in_file = near.find_near(new, new)
        self.near_count = len(at_table) + len(in_file)
        for in_table, pairs in ((True, at_table), (False, in_file)):
            for pair in sorted(pairs, key=lambda one: one.distance_m)[:SHOWN]:
                spot = rows.shapes[pair.at]
                other = (
                    others[pair.other].name or others[pair.other].external_id
                    if in_table
                    else rows.external_ids[pair.other]
                )
                name = names[pair.at] or rows.external_ids[pair.at]
                self.near.append(
                    _Near(
                        rows.numbers[pair.at],
                        name,
                        other,
                        in_table,
                        pair.distance_m,
                        round(spot.x, 7),
                        round(spot.y, 7),
                    )
                )

    def portion(self, conn: Connection, layer: Layer, buffer: sa.Table, only_new: Collection[str]) -> None:
        """The first changes with before and after."""
        left = SHOWN - len(self.changes) if self.meets else 0
        if left > 0:
            self.changes += diff.fetch_changes(conn, layer, buffer, only_new, left)

    def merged(self, conn: Connection, layer: Layer) -> None:
        """What the file has no more goes, if the person wants it."""
        if self.remove_gone and self.gone:
            self.removed_count = diff.delete_rows(conn, layer, [row_id for row_id, _ in self.gone.values()])


def _as_json(report: ImportReport, watch: _Looking) -> dict[str, Any]:
    gone = [{"key": key, "name": name} for key, (_, name) in list(watch.gone.items())[:SHOWN]]
    return {
        "row_count": report.row_count,
        "inserted": report.inserted_count,
        "updated": report.updated_count,
        "unchanged": report.unchanged_count,
        "outside": report.outside_count,
        "removed": watch.removed_count,
        "is_good": not report.errors,
        "is_stored": report.is_stored,
        "fault_count": len(report.errors),
        "faults": [asdict(error) for error in report.errors[:SHOWN]],
        "rules": dict(report.rule_counts),
        "notes": [[rule, dict(params)] for rule, params in report.notes],
        "ignored": list(report.ignored_columns),
        "near": {"count": watch.near_count, "rows": [asdict(one) for one in watch.near]},
        "changes": [
            {
                "key": one.external_id,
                "name": one.name,
                "moved_m": None if one.moved_m is None else round(one.moved_m, 2),
                "area_m2": round(one.area_m2, 1),
                "values": {name: [_plain(old), _plain(new)] for name, (old, new) in one.values.items()},
            }
            for one in watch.changes
        ],
        "bounds": watch.bounds,
        "gone": {"count": len(watch.gone), "rows": gone},
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date | dt.datetime) else value
