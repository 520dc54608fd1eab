"""The page of one agreement: what both sides have in the strip, on a map, and where neither serves a place."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, render_template

from gis_app.queries import agreements
from gis_app.queries.agreements import Agreement
from gis_app.queries.gaps import NEAREST_WITHIN_M
from gis_app.queries.joint_gaps import fetch_joint_gaps, joint_gap_rows
from gis_app.web.agreement_forms import find_agreement
from gis_app.web.context import actor, allow, commune, connection
from gis_app.web.coverage_parts import length_text
from gis_app.web.i18n import language, localised
from gis_app.web.params import Param, reads, whole
from gis_app.web.script_messages import script_messages
from gis_app.web.who import session_dict
from layers import LAYERS
from layers.base import POLICE, STAFF, Layer

blueprint = Blueprint("agreement_page", __name__)

DISTANCES_M = (50, 100, 200, 300)


def _read(agreement: Agreement) -> list[Layer]:
    """Layers of points that the agreement names and the role reads."""
    found = (LAYERS[name] for name in agreement.layers if name in LAYERS)
    return [layer for layer in found if layer.is_point and actor().role in layer.readers]


def _blocks(agreement: Agreement, layers: Sequence[Layer], distance_m: int) -> list[dict[str, Any]]:
    """Each layer of places with each of devices: what is served by neither side."""
    conn, role, srid = connection(), actor().role, commune().metric_srid
    blocks = []
    for places in (layer for layer in layers if not layer.is_device):
        for devices in (layer for layer in layers if layer.is_device):
            rows = joint_gap_rows(places, devices, role, agreement.id, distance_m, srid)
            csv = f"places={places.name}&devices={devices.name}&distance_m={distance_m}&f=csv"
            blocks.append(
                {
                    "places": localised(places.title),
                    "devices": localised(devices.title),
                    "gaps": fetch_joint_gaps(conn, rows, places.label),
                    "csv": f"/api/agreements/{agreement.id}/gaps?{csv}",
                }
            )
    return blocks


@blueprint.get("/giap-ranh/<int:agreement_id>")
@allow(*STAFF)
@reads(
    Param("m", whole(1, int(NEAREST_WITHIN_M)), "Metres within which a device serves", {"type": "integer"}, default=100)
)
def show_page(query: dict[str, Any], agreement_id: int) -> str:
    """The strip, both sides' points in it, the joint gaps; of an agreement that is not in force, its terms alone."""
    agreement, role = find_agreement(agreement_id), actor().role
    in_force = agreement.state == "approved"
    layers = _read(agreement) if in_force else []
    blocks = _blocks(agreement, layers, query["m"])
    named = [gap for block in blocks for gap in block["gaps"]]
    boot = {
        "session": session_dict(),
        "messages": script_messages(language(), "agreement"),
        "lang": language(),
        "today": agreements.fetch_today(connection()).isoformat(),
        "agreement": agreement.id,
        "layers": [
            {"name": layer.name, "title": localised(layer.title), "device": layer.is_device} for layer in layers
        ],
        "gaps": [[gap.lon, gap.lat] for gap in named],
    }
    return render_template(
        "agreements/show.html",
        boot=boot,
        place=commune(),
        agreement=agreement,
        in_force=in_force,
        blocks=blocks,
        gap_count=len(named),
        distance_m=query["m"],
        distances=sorted({*DISTANCES_M, query["m"]}),
        titles=[localised(LAYERS[name].title) for name in agreement.layers if name in LAYERS],
        length=length_text,
        may_approve=agreement.state == "proposed" and not agreement.is_ours and role in agreements.APPROVERS,
        may_end=agreement.state != "ended" and role in agreements.PROPOSERS,
        may_see_presence=in_force and role in POLICE,
    )
