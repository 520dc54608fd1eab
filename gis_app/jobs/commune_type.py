"""The thresholds of Decision 28/2025/QĐ-TTg as the product ships them, and the type that figures make."""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from gis_app.analysis.commune_type import Classification, Figures, TypeRule, classify_commune, read_thresholds

DATA = Path(__file__).resolve().parents[1] / "data"
NAMES = (
    "resident_count", "addict_user_count", "use_point_count", "arrested_count", "plant_count", "plant_area_m2",
    "on_key_route",
)  # fmt: skip


@lru_cache
def thresholds() -> dict[str, TypeRule]:
    """The rules of the three types."""
    document = json.loads((DATA / "decision_28_2025.json").read_text(encoding="utf-8"))
    return read_thresholds(document["commune"])


def classify(values: Mapping[str, Any]) -> Classification:
    """The type that the figures of one period make."""
    return classify_commune(thresholds(), Figures(**{name: values.get(name) for name in NAMES[:-1]},
                                                  on_key_route=bool(values.get("on_key_route"))))  # fmt: skip


def type_columns(found: Classification) -> dict[str, Any]:
    """What is written beside the figures."""
    return {"commune_type": found.type, "is_certain": found.is_certain, "rests_on_zero": found.rests_on_zero}
