"""The settings of a siting plan as a form has them; what the form does not show (drawn places) stays. No views."""

import copy
import re
from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from gis_app.analysis.siting_settings import CLASSES, KINDS, LEVELS, MOST_FUNDS, MOST_YEARS
from gis_app.errors import GisError
from gis_app.web.i18n import catalogue, language, t

CAMERA_FIELDS = ("cost_vnd", "fov_deg", "pixel_width", "bearing_count")
LAMP_FIELDS = ("cost_vnd", "radius_m")
FLAGS = ("exclusive", "equity")
# Rows of a form: how many years and funds it offers, at least.
YEARS_SHOWN, FUNDS_SHOWN = 3, 2


def _value(text: str | None) -> Any:
    """A number as JSON has it; other text as it is, for the settings' own check to name."""
    plain = (text or "").strip().replace("\u00a0", "").replace(" ", "")
    if re.fullmatch(r"-?[0-9]{1,15}", plain):
        return int(plain)
    if re.fullmatch(r"-?[0-9]{1,15}[.,][0-9]{1,9}", plain):
        return float(plain.replace(",", "."))
    return (text or "").strip()[:100] or None


def _money(text: str | None) -> Any:
    """Whole đồng; points, commas and spaces between thousands are read over."""
    plain = re.sub(r"[.,\s]", "", text or "")
    return int(plain) if re.fullmatch(r"[0-9]{1,15}", plain) else _value(text)


def settings_of_form(form: MultiDict[str, str], base: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with what the form says in place of what `base` says."""
    found = copy.deepcopy(dict(base))
    found["targets"] = found["targets"] | {
        "weights": {name: _value(form.get(f"weight_{name}")) or 0 for name in CLASSES},
        "street_spacing_m": _value(form.get("target_spacing_m")),
    }
    if form.get("level") != base.get("level"):
        # The form shows no density: one that was set for the level stays as long as the level does.
        found |= {"level": form.get("level"), "px_per_m": LEVELS.get(form.get("level", ""))}
    found["candidates"] = found["candidates"] | {
        "light_poles": "light_poles" in form,
        "camera_poles": "camera_poles" in form,
        "street_spacing_m": _value(form.get("pole_spacing_m")),
    }
    found["models"] = _models(form)
    found["budget"] = _budget(form)
    found["objective"] = {"day": _value(form.get("day")), "night": _value(form.get("night"))}
    backup = [name for name in CLASSES if f"backup_{name}" in form]
    found["backup"] = {"classes": backup, "share": _value(form.get("backup_share")) or 0}
    found["must"] = {"classes": [name for name in CLASSES if f"must_{name}" in form]}
    found |= {name: name in form for name in FLAGS}
    return found | {name: _value(form.get(name)) for name in ("views_per_pole", "time_limit_s")}


def _models(form: MultiDict[str, str]) -> list[dict[str, Any]]:
    """Rows with a name; one whose name was emptied is gone."""
    found = []
    for kind, fields in (("camera", CAMERA_FIELDS), ("lamp", LAMP_FIELDS)):
        for row in range(MOST_FUNDS + 1):
            name = form.get(f"{kind}_{row}_name", "").strip()
            if name:
                given = {field: form.get(f"{kind}_{row}_{field}") for field in fields}
                values = {field: (_money if field == "cost_vnd" else _value)(text) for field, text in given.items()}
                infrared = {"has_infrared": f"camera_{row}_has_infrared" in form} if kind == "camera" else {}
                found.append({"kind": kind, "name": name} | values | infrared)
    return found


def _budget(form: MultiDict[str, str]) -> dict[str, Any]:
    rows = [row for row in range(MOST_YEARS) if form.get(f"year_{row}", "").strip()]
    funds = []
    for number in range(MOST_FUNDS):
        name = form.get(f"fund_{number}_name", "").strip()
        if name:
            amounts = [_money(form.get(f"fund_{number}_amount_{row}")) or 0 for row in rows]
            kinds = [kind for kind in KINDS if f"fund_{number}_{kind}" in form]
            funds.append({"name": name, "kinds": kinds, "amounts": amounts})
    years = [_value(form.get(f"year_{row}")) for row in rows]
    return {"years": years, "funds": funds, "carry_over": "carry_over" in form}


def shown_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What the form's template shows: rows for what is there and an empty one to add."""
    models = {kind: [m for m in settings["models"] if m.get("kind") == kind] for kind in KINDS}
    years, funds = list(settings["budget"]["years"]), list(settings["budget"]["funds"])
    years += [None] * max(YEARS_SHOWN - len(years), 1)
    funds += [None] * max(FUNDS_SHOWN - len(funds), 1)
    return {
        "classes": CLASSES,
        "levels": tuple(LEVELS),
        "kinds": KINDS,
        "cameras": [*models["camera"], None],
        "lamps": [*models["lamp"], None],
        "years": years[:MOST_YEARS],
        "funds": funds[:MOST_FUNDS],
        "point_count": len(settings["candidates"].get("points") or ()),
        "area_count": len(settings.get("exclusions") or ()),
    }


def fault_texts(problem: GisError | None) -> list[tuple[str, str]]:
    """The faults of an error as (field, rule) in words; numbers in a path are rows, counted from 1."""
    found = []
    known = catalogue(language())
    for fault in [] if problem is None else problem.params.get("faults", []):
        parts = fault["field"].split(".")
        key = "siting.field." + ".".join(part for part in parts if not part.isdigit())
        rows = [str(int(part) + 1) for part in parts if part.isdigit()]
        name = t(key) if key in known else fault["field"]
        found.append((" ".join([name, *rows]), t(f"rule.{fault['rule']}")))
    return found
