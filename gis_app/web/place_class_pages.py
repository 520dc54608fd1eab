"""The page "Loại địa điểm riêng": a commune adds kinds of place without a line of code. No JavaScript."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from gis_app.errors import GisError
from gis_app.queries import place_classes as q
from gis_app.tables.place_classes import COLORS, SHAPES, VISIBILITIES
from gis_app.web import place_class_forms as forms
from gis_app.web.context import actor, allow, commune, connection, people_only
from gis_app.web.i18n import t
from gis_app.web.params import Param, one_of, reads
from gis_app.web.safe_writes import seen_version
from gis_app.web.task_texts import named_faults
from layers.base import DATA, STAFF

blueprint = Blueprint("place_class_pages", __name__, url_prefix="/du-lieu/loai-dia-diem")
DONE = ("added", "changed", "retired", "restored", "removed")
# What the documents ask for, offered as the name is typed.
OFFERED = ("checkpoint", "crops", "quarter", "model", "pump", "fire", "flood")


def _page(done: str | None = None, problem: GisError | None = None, refused_id: int | None = None) -> str:
    here = commune()
    return render_template(
        "data/place_classes.html",
        place=here,
        classes=q.fetch_classes(connection(), here.id),
        layers={shape: layer.name for shape, layer in q.LAYER_OF.items()},
        colors=COLORS,
        shapes=SHAPES,
        visibilities=VISIBILITIES,
        offered=OFFERED,
        longest=forms.LONGEST_NAME,
        may_edit=actor().role in DATA,
        done=done,
        form=request.form if problem is not None else {},
        refused_id=refused_id,
        problem=None if problem is None else t(f"error.{problem.code}", **problem.params),
        faults=named_faults(problem, "place_class.field"),
    )


@blueprint.get("")
@allow(*STAFF)
@reads(Param("xong", one_of(*DONE), "What was just done"))
def show_page(query: dict[str, Any]) -> str:
    """The commune's own kinds of place, and for data officers the forms."""
    return _page(query["xong"])


def _do(word: str, act: Callable[[], Any], place_class_id: int | None = None) -> AnyResponse | tuple[str, int]:
    try:
        act()
    except GisError as error:
        return _page(problem=error, refused_id=place_class_id), error.status
    return redirect(f"/du-lieu/loai-dia-diem?xong={word}", 303)


def _raw(names: Any) -> dict[str, Any]:
    return {name: request.form.get(name) for name in names}


@blueprint.post("")
@allow(*DATA)
@people_only
def create() -> AnyResponse | tuple[str, int]:
    """Add a class."""
    commune()
    return _do("added", lambda: forms.add_class(_raw(forms.NEW_READERS)))


@blueprint.post("/<int:place_class_id>")
@allow(*DATA)
@people_only
def change(place_class_id: int) -> AnyResponse | tuple[str, int]:
    """Rename a class, give it another look or other readers."""
    known, version = forms.find_class(place_class_id), seen_version()
    return _do("changed", lambda: forms.change_class(known, version, _raw(forms.READERS)), known.id)


@blueprint.post("/<int:place_class_id>/ngung")
@allow(*DATA)
@people_only
def retire(place_class_id: int) -> AnyResponse | tuple[str, int]:
    """Take a class out of the forms, or back into them."""
    known, version, is_active = forms.find_class(place_class_id), seen_version(), bool(request.form.get("is_active"))
    word = "restored" if is_active else "retired"
    return _do(word, lambda: forms.change_class(known, version, {"is_active": is_active}))


@blueprint.post("/<int:place_class_id>/xoa")
@allow(*DATA)
@people_only
def remove(place_class_id: int) -> AnyResponse | tuple[str, int]:
    """Delete a class that no place has."""
    known, version = forms.find_class(place_class_id), seen_version()
    return _do("removed", lambda: forms.remove_class(known, version))
