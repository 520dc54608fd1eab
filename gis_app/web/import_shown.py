"""What the steps of the import wizard show: readings with a drawing, columns with samples, names of fields."""

from typing import Any

from gis_app.analysis.coerce import LENGTHS
from gis_app.jobs.import_doubt import doubt_of
from gis_app.queries.import_records import ImportRecord
from gis_app.text import fold
from gis_app.web.context import actor, commune, connection
from gis_app.web.i18n import localised
from gis_app.web.import_forms import BY_NAME, can_match_names
from layers.base import Field, Layer


def place_values(record: ImportRecord) -> dict[str, Any]:
    """Readings of the letters and of the numbers, and a drawing of the chosen one."""
    # Here, not above: geopandas is half of the server's start.
    from gis_app.jobs.import_guess import fits  # noqa: PLC0415
    from gis_app.jobs.import_preview import draw  # noqa: PLC0415
    from gis_app.jobs.import_steps import frame_of  # noqa: PLC0415
    from gis_app.queries.imports import fetch_landmarks  # noqa: PLC0415

    found = record.found or {}
    srid, swapped = record.options.get("srid"), bool(record.options.get("swap_axes"))
    preview = None
    if srid is not None:
        landmarks = fetch_landmarks(connection(), commune().id)
        preview = draw(found, frame_of(connection(), actor().commune_id), srid, swapped=swapped, landmarks=landmarks)
    return {
        "preview": preview,
        "fits": preview is not None and fits(preview.fit),
        "good": [one for one in found["candidates"] if fits(one)],
        "others": [one for one in found["candidates"] if not fits(one)],
        "doubt": doubt_of(record),
        "srid": srid,
        "swapped": swapped,
        "encoding": str(record.options.get("encoding") or found["encoding"]).removesuffix("-sig"),
    }


def column_values(record: ImportRecord, layer: Layer) -> dict[str, Any]:
    """The layer's fields with the column of each, and the columns that nothing uses."""
    found = record.found or {}
    columns = {column["name"]: column for column in found["columns"]}
    chosen = record.options.get("columns") or {**found["mapped"], "units": {}, "values": {}}
    rows = [_row(f, columns.get(chosen["fields"].get(f.name, "")), chosen) for f in layer.fields if not f.managed]
    used = {*chosen["fields"].values(), chosen["id_column"]}
    return {
        "rows": rows,
        "columns": found["columns"],
        "chosen": chosen,
        "unused": [name for name in columns if name not in used],
        "by_name": BY_NAME if can_match_names(layer) else "",
    }


def _row(f: Field, column: dict[str, Any] | None, chosen: dict[str, Any]) -> dict[str, Any]:
    from gis_app.jobs.import_columns import spellings  # noqa: PLC0415

    known = spellings(f) if f.choices else {}
    picked = chosen["values"].get(f.name)
    strange = [text for text in (column or {}).get("distinct", []) if fold(text) not in known] if f.choices else []
    return {
        "field": f,
        "title": localised(f.title),
        "column": column,
        "units": [*LENGTHS] if f.unit in LENGTHS else [],
        "unit": chosen["units"].get(f.name, f.unit),
        "strange": [(text, _meant(f, text) if picked is None else picked.get(fold(text), "")) for text in strange],
        "needed": f.required and f.default is None,
        # What a new row gets where the file says nothing.
        "default": f.default if f.required else None,
    }


def _meant(f: Field, text: str) -> str:
    """The one choice whose label says it in more words ("Hoạt động": "Đang hoạt động"); a person sees it."""
    part = f"_{fold(text)}_"
    found = {choice.code for choice in f.choices if not choice.is_retired and part in f"_{fold(choice.vi)}_"}
    return found.pop() if len(found) == 1 else ""


def result_values(layer: Layer) -> dict[str, Any]:
    """Titles of the layer's fields by name."""
    return {"titles": {f.name: localised(f.title) for f in layer.fields}}
