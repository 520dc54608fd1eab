"""The registry of measures: every file in this folder with a `measure`, by its name."""

import importlib
import pkgutil
from collections.abc import Mapping

from gis_app.queries.task_measures.base import Measure, Option

__all__ = ["MEASURES", "Measure", "Option"]

_NAMES = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name != "base")

MEASURES: Mapping[str, Measure] = {name: importlib.import_module(f"{__name__}.{name}").measure for name in _NAMES}
