"""Who may be invited and changed by an administrator of a commune: the same for the page and for the API."""

import re

from flask import request

from gis_app.db import begin
from gis_app.errors import Conflict, NotFound, Unprocessable
from gis_app.queries import accounts, people
from gis_app.queries.audit import record_event
from gis_app.web.context import actor, commune, connection, engine, person

# What an administrator of a commune may give: roles inside the commune, none above it.
GIVEN_ROLES = ("admin", "data", "planner", "patrol", "committee", "supervisor")
USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,39}")


def given_role(role: object) -> str:
    """The role, if an administrator of a commune may give it."""
    if role not in GIVEN_ROLES:
        raise Unprocessable("role_not_given")
    return str(role)


def account_name(account_id: int, *, may_be_own: bool = False) -> str:
    """The user name of an account of this commune, locked; any other id answers as a missing one."""
    commune()
    name = people.fetch_name(connection(), account_id) if account_id < 2**31 else None
    if name is None:
        raise NotFound("account_not_found")
    if not may_be_own and account_id == person().signed_in.account_id:
        raise Conflict("not_yourself")
    return name


def make_invitation(typed: str, role: str) -> str:
    """Invite a person: the link, this once."""
    place, username = commune(), typed.strip().lower()
    if not USERNAME.fullmatch(username):
        raise Unprocessable("username_malformed")
    with begin(engine(), accounts.GATE) as gate:
        if accounts.is_taken(gate, username):
            raise Conflict("username_taken")
    token = people.insert_invitation(connection(), place.id, username, role, actor().username)
    record_event(connection(), "invited", "accounts", {"account": username, "role": role})
    return f"{request.host_url}moi/{token}"
