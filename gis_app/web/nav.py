"""The pages of the work: a web file that exports `PAGE` stands in the navigation of every shell page.

Found by name like the blueprints, so a new page is listed nowhere else.
"""

import importlib
import pkgutil
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode, urlsplit

from flask import request

from gis_app import web
from gis_app.web.context import actor
from gis_app.web.i18n import t
from layers.base import STAFF


@dataclass(frozen=True)
class Page:
    """An address, the key of its title (`nav.<name>`), who sees the link, its place in the row, and its symbol."""

    address: str
    name: str
    roles: frozenset[str]
    order: int
    icon: str = "next"

    def is_at(self, path: str) -> bool:
        """Whether a path is of this page: the map is the front page alone."""
        return path == self.address or (self.address != "/" and path.startswith(f"{self.address}/"))


MAP = Page("/", "map", STAFF, 0, "layers")
# What a phone shows below, in this order: what the role does every day. The rest is behind "Khác".
TABS: Mapping[str, Sequence[str]] = {
    "patrol": ("patrol", "map", "hotspots", "tips"),
    "data": ("data", "map", "tips", "tasks"),
    "planner": ("coverage", "map", "hotspots", "tasks"),
    "committee": ("overview", "map", "roadmap", "tasks"),
    "admin": ("overview", "map", "data", "decisions"),
    "supervisor": ("overview", "map", "roadmap", "tasks"),
}


# Pages that residents see; the officers' pages of tips stand below the same word.
_RESIDENTS = re.compile(r"/(?:(tin)(?!/tiep-nhan|/ap-phich)|(cong-khai))(?:/|$)")


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


def tabs() -> tuple[list[Page], list[Page]]:
    """The same for a phone: the tabs below, and what is behind the last of them."""
    known = {page.name: page for page in [MAP, *pages()]}
    chosen = [known[name] for name in TABS.get(actor().role, ()) if name in known]
    return chosen, [page for page in known.values() if page not in chosen]


def ways_out(path: str, status: int) -> list[tuple[str, str]]:
    """Where an error page leads (address, text): out of what is asked for to what stands above it, or to the map."""
    asked = _RESIDENTS.match(path)
    if asked:
        return [("/tin", t("error.to_tip")) if asked[1] else ("/cong-khai", t("error.to_public"))]
    # While the database is away nobody knows who asks.
    above = [page for page in pages() if page.is_at(path) and page.address != path] if status < 500 else []
    nearest = max(above, key=lambda page: len(page.address), default=None)
    found = [(nearest.address, t("common.to_section", name=t(f"nav.{nearest.name}")))] if nearest else []
    return [*found, ("/", t("common.to_map"))]


def own_path(target: str) -> str:
    """A path of this site, or the front page: no address given from outside leads away."""
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or not target.startswith("/") or target.startswith(("//", "/\\")):
        return "/"
    return target


def here(**changed: str) -> str:
    """The address of the page that is shown, with other parameters; of its section where a form was refused."""
    path, query = request.path, request.args.to_dict(flat=False)
    if request.method != "GET":
        path = max((page.address for page in _pages() if page.is_at(path)), key=len, default="/")
        query = {}
    text = urlencode({**query, **changed}, doseq=True)
    return f"{path}?{text}" if text else path
