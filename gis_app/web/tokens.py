"""What stands for commune, audience and version of a tile set: the `?v=` of its address and its ETag."""

import hashlib

from flask import g

from gis_app.db import Actor
from gis_app.queries.ready_tiles import counted_in, fetch_versions
from gis_app.queries.tiles import audience_of
from gis_app.web.context import actor, connection


def token_of(tileset: str, who: Actor, version: int) -> str:
    """The token of a known version."""
    text = f"{tileset}|{who.commune_id}|{audience_of(tileset, who.role)}|{version}"
    return hashlib.blake2s(text.encode(), digest_size=8).hexdigest()


def current_token(tileset: str) -> str:
    """The token of the data as they are now; the database is asked once a request."""
    who = actor()
    if "layer_versions" not in g:
        g.layer_versions = fetch_versions(connection(), who.commune_id)
    version = sum(g.layer_versions.get(name, 0) for name in counted_in(tileset, who.role))
    return token_of(tileset, who, version)
