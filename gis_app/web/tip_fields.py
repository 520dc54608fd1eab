"""The fields of the tip form; no views here."""

from typing import Any

from werkzeug.datastructures import MultiDict

from gis_app.jobs.tip_send import Draft
from gis_app.tables.tips import LONGEST_TEXT, PRECISIONS, SUBJECTS
from gis_app.text import has_controls, has_personal_number, tidy
from gis_app.web.params import Malformed, lonlat

DEVICE_OF = {"light_out": "lights", "camera_out": "cameras"}
LONGEST_NUMBER = 60
Faults = list[tuple[str, str]]


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _spot(text: str) -> tuple[float, float] | None:
    try:
        point = lonlat(text)
    except Malformed:
        return None
    return point.x, point.y


def kept_spot(form: MultiDict[str, str]) -> str:
    """The point of the map that a form holds, to be written into the form once more; empty: none."""
    spot = _spot(form.get("spot", ""))
    return f"{spot[0]:.4f},{spot[1]:.4f}" if spot else ""


def read_draft(form: MultiDict[str, str], files: MultiDict[str, Any], commune_id: int) -> tuple[Draft | None, Faults]:
    """The draft, or what is wrong with it: (field, rule)."""
    faults: Faults = []
    subject, precision = form.get("subject", ""), form.get("precision", "group")
    number, text = tidy(form.get("device_number", "")), tidy(form.get("text", ""))
    group, road = _number(form.get("to", "")), _number(form.get("road_id", ""))
    # A landmark is chosen by hand; the other may be a fix from before.
    spot = _spot(form.get("landmark", "") or form.get("spot", ""))
    if subject not in SUBJECTS:
        faults.append(("subject", "required"))
    if precision not in PRECISIONS:
        faults.append(("precision", "choice"))
    elif {"group": group, "street": road, "point": spot, "cell": spot}[precision] is None:
        faults.append(("point" if precision == "cell" else precision, "required"))
    if len(text) > LONGEST_TEXT or has_controls(text):
        faults.append(("text", "text"))
    if len(number) > LONGEST_NUMBER or has_controls(number) or has_personal_number(number):
        faults.append(("device_number", "text"))
    device = DEVICE_OF.get(subject)
    if not text and subject == "other":
        faults.append(("text", "required"))
    if faults:
        return None, faults
    file = files.get("photo")
    photo = file.stream.read() if file is not None else b""
    draft = Draft(
        commune_id=commune_id,
        subject=subject,
        precision=precision,
        group_id=group,
        road_id=road,
        spot=spot,
        device=device if number else None,
        device_number=number if device and number else None,
        text=text,
        photo=photo or None,
        is_suspect=bool(form.get("website")),
    )
    return draft, []
