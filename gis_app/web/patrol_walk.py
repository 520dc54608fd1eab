"""The phone page of an issued shift, `/tuan-tra/<plan_id>/di`, and the service worker that keeps it offline."""

from flask import Blueprint, Response, redirect, render_template, send_from_directory
from werkzeug.wrappers import Response as AnyResponse

from gis_app.jobs.patrol_hours import hours_text
from gis_app.queries import patrol as q
from gis_app.web import assets
from gis_app.web.context import allow, public
from gis_app.web.map_boot import map_boot
from gis_app.web.params import read_query
from gis_app.web.visit_forms import open_plan

blueprint = Blueprint("patrol_walk", __name__)


@blueprint.get("/tuan-tra/<int:patrol_plan_id>/di")
@allow(*q.MAKERS)
def show_walk(patrol_plan_id: int) -> str | AnyResponse:
    """The next stop, the map, "Đã đến"; a plan that is not issued has no walk."""
    read_query(())
    plan = open_plan(patrol_plan_id)
    if plan.state == "draft":
        return redirect(f"/tuan-tra/{plan.id}")
    boot = map_boot("walk") | {"plan_id": plan.id}
    return render_template("patrol/walk.html", boot=boot, session=boot["session"], plan=plan, hours=hours_text(plan))


@blueprint.get("/sw.js")
@public
def show_service_worker() -> Response:
    """The service worker; from the root, so that it also hears of signing out."""
    answer = send_from_directory(assets.STATIC, "sw.js", mimetype="text/javascript")
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers["Service-Worker-Allowed"] = "/"
    return answer
