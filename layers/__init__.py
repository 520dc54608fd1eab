"""The registry: every file in this folder with a `layer` is a layer."""

import importlib
import pkgutil
from collections.abc import Mapping

import sqlalchemy as sa

from layers.base import Layer

_NAMES = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name != "base")

LAYERS: Mapping[str, Layer] = {name: importlib.import_module(f"layers.{name}").layer for name in _NAMES}

metadata = sa.MetaData()
# Views are not Alembic's business, so they stand apart.
_views = sa.MetaData()


def table_of(layer: Layer, role: str = "") -> sa.Table:
    """The SQLAlchemy table of a layer, or the coarse view that is all `role` may read of it."""
    return layer.coarse_table(_views) if role in layer.coarse_readers else layer.table(metadata)


def shared_view_of(layer: Layer) -> sa.Table:
    """The view of what neighbours share of a layer with the actor's commune."""
    return layer.shared_view(_views)


for _layer in LAYERS.values():
    table_of(_layer)
