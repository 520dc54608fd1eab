"""`/cong-bo`: a commune looks its draft over, releases or withdraws it, and says which telephones its page names."""

import re
from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from gis_app.errors import Conflict, GisError, NotFound, PreconditionFailed, Unprocessable
from gis_app.queries import releases
from gis_app.queries.audit import record_event
from gis_app.queries.releases import PublicSettings
from gis_app.web.context import actor, allow, commune, connection, people_only
from gis_app.web.i18n import t
from gis_app.web.nav import Page
from gis_app.web.params import Param, one_of, reads
from gis_app.web.public_pages_shared import STAGES, draw, summary

blueprint = Blueprint("release_desk", __name__, url_prefix="/cong-bo")

READERS = ("admin", "committee", "data", "supervisor")
DECIDERS = ("admin", "committee")
PAGE = Page("/cong-bo", "releases", frozenset(READERS), 55, "speaker")
PHONES = ("commune_phone", "pc04_phone", "c04_phone")
PHONE = re.compile(r"[0-9][0-9 .+-]{1,18}[0-9]")
DONE = ("released", "withdrawn", "settings")


def _page(*, done: str | None = None, error: GisError | None = None) -> Any:
    place, conn = commune(), connection()
    found = releases.fetch_own_releases(conn, place.id)
    draft = next((one for one in found if one.state == "draft"), None)
    cells = releases.fetch_cells(conn, draft.id) if draft else []
    page = render_template(
        "public/desk.html",
        place=place,
        releases=found,
        draft=draft,
        picture=draw(cells) if cells else None,
        counts=summary(cells),
        stages=STAGES,
        settings=releases.fetch_settings(conn, place.id),
        may_decide=actor().role in DECIDERS,
        done=done,
        error=t(f"error.{error.code}", **error.params) if error else None,
    )
    return (page, error.status) if error else page


@blueprint.get("")
@allow(*READERS)
@reads(Param("done", one_of(*DONE), "What was just done"))
def show(query: dict[str, Any]) -> Any:
    """The draft, what was released, and the settings of the page."""
    return _page(done=query["done"])


def _seen() -> int:
    seen = request.form.get("version", "")
    if not (seen.isascii() and seen.isdigit() and len(seen) < 9):
        raise PreconditionFailed("stale_version")
    return int(seen)


def _decide(release_id: int, state: str) -> AnyResponse:
    commune()
    outcome = "missing" if release_id >= 2**63 else releases.update_decided(connection(), release_id, _seen(), state)
    if outcome == "missing":
        raise NotFound("not_found")
    if outcome == "stale":
        raise PreconditionFailed("stale_version")
    if outcome != "done":
        raise Conflict(f"release_{outcome}")
    return redirect(f"/cong-bo?done={state}")


@blueprint.post("/<int:public_release_id>/cong-bo")
@allow(*DECIDERS)
@people_only
def release(public_release_id: int) -> AnyResponse:
    """Release the draft that was looked at, on or after its day: from now on everybody reads it."""
    return _decide(public_release_id, "released")


@blueprint.post("/<int:public_release_id>/rut-lai")
@allow(*DECIDERS)
@people_only
def withdraw(public_release_id: int) -> AnyResponse:
    """Withdraw a draft or a release for good: no other of that day can be made."""
    return _decide(public_release_id, "withdrawn")


@blueprint.post("/cai-dat")
@allow(*DECIDERS)
@people_only
def change_settings() -> Any:
    """The telephones that the public page names, and whether the next draft shows classes of counts."""
    place = commune()
    phones = {name: " ".join(request.form.get(name, "").split()) or None for name in PHONES}
    for number in phones.values():
        if number is not None and not PHONE.fullmatch(number):
            return _page(error=Unprocessable("phone_malformed"))
    wanted = PublicSettings(**phones, with_counts=request.form.get("with_counts") == "1", version=_seen())
    if not releases.upsert_settings(connection(), place.id, wanted):
        return _page(error=PreconditionFailed("stale_version"))
    record_event(connection(), "public_settings", "public_settings", {"with_counts": wanted.with_counts})
    return redirect("/cong-bo?done=settings")
