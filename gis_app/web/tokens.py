"""What stands for commune, audience and version of a tile set: the `?v=` of its address and its ETag."""

import hashlib

from gis_app.queries.tiles import audience_of, fetch_version, layers_of
from gis_app.web.context import actor, connection


def token_of(tileset: str, version: int) -> str:
    """The token of a known version."""
    who = actor()
    audience = audience_of(layers_of(tileset, who.role), who.role)
    text = f"{tileset}|{who.commune_id}|{audience}|{version}"
    return hashlib.blake2s(text.encode(), digest_size=8).hexdigest()


def current_token(tileset: str) -> str:
    """The token of the data as they are now."""
    layers = [layer.name for layer in layers_of(tileset, actor().role)]
    return token_of(tileset, fetch_version(connection(), layers, actor().commune_id))
