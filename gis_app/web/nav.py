"""The pages of the work: a web file that exports `PAGE` stands in the navigation of every shell page.

Found by name like the blueprints, so a new page is listed nowhere else.
"""

import importlib
import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from gis_app import web
from gis_app.web.context import actor


@dataclass(frozen=True)
class Page:
    """An address, the key of its title (`nav.<name>`), who sees the link, its place in the row, and its symbol."""

    address: str
    name: str
    roles: frozenset[str]
    order: int
    icon: str = "next"


@lru_cache
def _pages() -> Sequence[Page]:
    found = [
        getattr(importlib.import_module(f"gis_app.web.{module.name}"), "PAGE", None)
        for module in pkgutil.iter_modules(web.__path__)
    ]
    return sorted((page for page in found if isinstance(page, Page)), key=lambda page: page.order)


def pages() -> list[Page]:
    """The pages that the actor may open, in their order; none outside a commune."""
    who = actor()
    return [] if who.commune_id is None else [page for page in _pages() if who.role in page.roles]
