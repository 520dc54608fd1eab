"""Static files under an address that names their version: browsers keep them until they change.

Modules import each other by relative paths, so one version in the folder's name serves them all.
"""

import hashlib
from functools import lru_cache

from flask import Blueprint, Response, send_from_directory

from gis_app.settings import ROOT
from gis_app.web.context import public

blueprint = Blueprint("assets", __name__)

STATIC = ROOT / "static"


@lru_cache
def version() -> str:
    """A short hash of names, sizes and times of everything under static/."""
    digest = hashlib.sha256()
    for path in sorted(STATIC.rglob("*")):
        if path.is_file():
            stat = path.stat()
            digest.update(f"{path.relative_to(STATIC)}{stat.st_size}{stat.st_mtime_ns}".encode())
    return digest.hexdigest()[:10]


@blueprint.get("/static/v-<tag>/<path:filename>")
@public
def show_file(tag: str, filename: str) -> Response:
    """A file of the program's front end; `tag` only tells versions apart."""
    answer = send_from_directory(STATIC, filename)
    fresh = tag == version()
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable" if fresh else "no-cache"
    return answer
