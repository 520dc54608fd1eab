"""Demonstration towns: invented, deterministic, shaped like real communes of Vietnam."""

from gis_app.analysis.town.build import build_town
from gis_app.analysis.town.model import Row, Town
from gis_app.analysis.town.plan import TownSpec

__all__ = ["Row", "Town", "TownSpec", "build_town"]
