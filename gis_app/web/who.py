"""The session as pages and programs see it."""

from typing import Any

from flask_login import current_user
from flask_wtf.csrf import generate_csrf

from gis_app.queries.communes import Commune, fetch_commune
from gis_app.web.context import actor, connection
from gis_app.web.i18n import t


def _commune_dict(commune: Commune | None) -> dict[str, Any] | None:
    if commune is None:
        return None
    names = ("id", "code", "name", "full_name", "kind", "province_name", "is_demo", "bbox", "center")
    return {name: getattr(commune, name) for name in names}


def session_dict() -> dict[str, Any]:
    """The session as the page and programs see it."""
    who = actor()
    commune = None if who.commune_id is None else fetch_commune(connection(), who.commune_id)
    return {
        "username": who.username,
        "role": who.role,
        "role_title": t(f"role.{who.role}"),
        "csrf_token": generate_csrf(),
        # An administrator of the system, or a city reader; everybody else stays where they are.
        "chooses_commune": current_user.signed_in.home_id is None,
        "commune": _commune_dict(commune),
    }
