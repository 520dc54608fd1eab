"""The page of files: download a layer or the map tiles, see what is being made, connect QGIS. Works without scripts."""

from decimal import Decimal
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as AnyResponse

from gis_app.crs import STORED
from gis_app.errors import GisError
from gis_app.jobs.export_asked import DIRECT_ROWS
from gis_app.jobs.job_export import PMTILES
from gis_app.queries.export_files import ExportFile
from gis_app.queries.tasks import fetch_groups
from gis_app.queries.tiles import layers_of, tileset_names
from gis_app.tables.exports import KEPT_DAYS
from gis_app.web import export_forms as forms
from gis_app.web.context import actor, allow, commune, connection, people_only, readable_layer, readable_layers
from gis_app.web.i18n import localised, t, words
from gis_app.web.job_forms import status_text
from gis_app.web.moments import vietnamese
from gis_app.web.ogc_parts import FILE_FORMATS, root
from gis_app.web.params import read_body, read_query
from layers import LAYERS
from layers.base import STAFF

blueprint = Blueprint("export_pages", __name__)

ADDRESS = "/du-lieu/tai-ve"
FIELDS = ("format", "zone", "group", "filter", "tags")
KILOBYTE = 1000


def title_of(name: str) -> str:
    """The title of a layer or tile set."""
    return localised(LAYERS[name].title) if name in LAYERS else t(f"files.tileset.{name}")


def size_text(byte_count: int) -> str:
    """How large a file is."""
    unit, divisor = ("MB", KILOBYTE**2) if byte_count >= KILOBYTE**2 else ("kB", KILOBYTE)
    return f"{words().number(round(Decimal(byte_count) / divisor, 1))} {unit}"


def about(file: ExportFile) -> str:
    """What is in a file: format, CRS, what it was narrowed to."""
    asked = file.asked
    parts = [t(f"files.format.{asked['format']}")]
    if asked["format"] != PMTILES:
        parts.append("WGS 84" if asked["srid"] == STORED else f"VN-2000 (EPSG:{asked['srid']})")
        if asked["group_id"] is not None:
            names = dict(fetch_groups(connection()))
            parts.append(names.get(asked["group_id"], t("files.group")))
        parts += [asked["filter"]] if asked["filter"] else []
    if file.made_at is not None:
        key = "files.tiles" if asked["format"] == PMTILES else "files.rows"
        parts += [t(key, count=words().number(file.row_count or 0)), size_text(file.byte_count or 0)]
    return " · ".join(parts)


def _page(problem: GisError | None = None) -> str:
    found = forms.files_and_jobs()
    role = actor().role
    shown = {name: request.form.get(name, "") for name in ("layer", *FIELDS)}
    return render_template(
        "exports/index.html",
        place=commune(),
        address=ADDRESS,
        boot={"csrf_token": generate_csrf(), "offline": t("common.offline")},
        layers=[(layer.name, localised(layer.title)) for layer in readable_layers()],
        formats=FILE_FORMATS,
        groups=fetch_groups(connection()),
        tilesets=[(name, title_of(name)) for name in tileset_names() if layers_of(name, role)],
        form=shown,
        jobs=[job for _, job in found if job is not None and job.is_open],
        names={job.id: f"{title_of(file.layer)} · {about(file)}" for file, job in found if job is not None},
        failed=[(file, job) for file, job in found if job is not None and job.state == "failed"],
        files=[file for file, _ in found if file.made_at is not None],
        title=title_of,
        about=about,
        moment=vietnamese,
        status_text=status_text,
        direct_rows=words().number(DIRECT_ROWS),
        kept_days=KEPT_DAYS,
        ogc_address=f"{root()}/",
        problem=None if problem is None else t(f"error.{problem.code}", **problem.params),
    )


@blueprint.get(ADDRESS)
@allow(*STAFF)
def show_page() -> str:
    """The forms, what is being made, and what is ready."""
    read_query(())
    return _page()


@blueprint.post(ADDRESS)
@allow(*STAFF)
@people_only
def create() -> AnyResponse | tuple[str, int]:
    """Lead to a small file; ask for a large one as a job."""
    form = {name: value for name, value in request.form.items() if name != "csrf_token" and value}
    tileset, name = form.pop("tileset", None), form.pop("layer", "")
    try:
        if tileset is not None:
            forms.ask_tiles(forms.readable_tileset(tileset))
            return redirect(ADDRESS, 303)
        layer = readable_layer(name)
        asked = forms.asked_of(read_body(forms.FILE_PARAMS, form))
        if forms.fits_request(layer, asked):
            return redirect(f"/api/exports/layers/{layer.name}?{urlencode(form)}", 303)
        forms.ask_file(layer, asked)
    except GisError as error:
        return _page(error), error.status
    return redirect(ADDRESS, 303)


@blueprint.post(f"{ADDRESS}/<int:export_file_id>/xoa")
@allow(*STAFF)
@people_only
def delete(export_file_id: int) -> AnyResponse:
    """Throw a file away."""
    forms.throw_away(forms.find_export(export_file_id))
    return redirect(ADDRESS, 303)
