"""The registry: every file in this folder with a `layer` is a layer."""

import importlib
import pkgutil
from collections.abc import Mapping

import sqlalchemy as sa

from layers.base import Layer

_NAMES = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name != "base")

LAYERS: Mapping[str, Layer] = {name: importlib.import_module(f"layers.{name}").layer for name in _NAMES}

metadata = sa.MetaData()


def table_of(layer: Layer) -> sa.Table:
    """The SQLAlchemy table of a layer, made once."""
    return layer.table(metadata)


for _layer in LAYERS.values():
    table_of(_layer)
