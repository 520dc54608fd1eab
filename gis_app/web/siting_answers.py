"""What the API and the pages of siting plans both answer: defaults of a new plan, two plans compared; no views here."""

import datetime as dt
from typing import Any

from gis_app.analysis.siting_settings import default_settings
from gis_app.jobs.siting_plan import difference_of, only_in, shown_figures
from gis_app.queries import siting as q
from gis_app.queries.coverage_store import fetch_left_out
from gis_app.queries.siting_sources import count_by_state, fetch_street_length_m
from gis_app.queries.tasks import fetch_today
from gis_app.web import siting_forms as forms
from gis_app.web.context import actor, commune, connection
from gis_app.web.i18n import t
from layers.base import SITING


def defaults() -> dict[str, Any]:
    """A name and settings for a new plan, from the commune's layers."""
    here, conn = commune(), connection()
    today: dt.date = fetch_today(conn)
    poles = {name: count_by_state(conn, here.id, name, ("working", "broken")) > 0 for name in ("lights", "cameras")}
    street_m, _ = fetch_street_length_m(conn, here.id, here.metric_srid)
    settings = default_settings(
        today.year,
        street_m,
        light_poles=poles["lights"],
        camera_poles=poles["cameras"],
        left_out=fetch_left_out(conn, here.id),
    )
    name = t("siting.default_name", day=f"{today:%d/%m/%Y}")
    taken = {plan.name for plan in q.fetch_plans(conn, here.id)}
    numbered = (f"{name} ({count})" for count in range(2, len(taken) + 3))
    return {"name": name if name not in taken else next(one for one in numbered if one not in taken),
            "settings": settings}  # fmt: skip


def compared(first_id: int, second_id: int) -> dict[str, Any]:
    """What compare_plans answers; the page has it too."""
    role = actor().role
    plans = [forms.find_plan(plan_id) for plan_id in (first_id, second_id)]
    figures = [shown_figures(plan.figures, role) for plan in plans]
    devices = [[d for d in q.fetch_devices(connection(), plan.id) if not d.is_forbidden] for plan in plans]
    is_maker = role in SITING

    def listed(at: int) -> list[dict[str, Any]]:
        alone = only_in(devices[at], devices[1 - at])
        return [forms.device_dict(device, plans[at], is_maker=is_maker) for device in alone]

    difference = None
    if figures[0] is not None and figures[1] is not None:
        difference = difference_of(figures[0], figures[1])
    return {
        "first": forms.plan_summary(plans[0]),
        "second": forms.plan_summary(plans[1]),
        "difference": difference,
        "only_first": listed(0),
        "only_second": listed(1),
    }
