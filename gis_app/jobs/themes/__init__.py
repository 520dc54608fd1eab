"""The registry of themes: every file in this folder with a `theme`, by its name."""

import importlib
import pkgutil
from collections.abc import Mapping

from gis_app.jobs.themes.base import Theme, ThemeClass, ThemeData

__all__ = ["THEMES", "Theme", "ThemeClass", "ThemeData"]

_NAMES = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name != "base")

THEMES: Mapping[str, Theme] = {name: importlib.import_module(f"{__name__}.{name}").theme for name in _NAMES}
