"""The accounts, invitations and tokens of a commune as JSON, for its administrator: what the page does, by program.

A token manages no account (`people_only`): such a program signs in as a person does, with the second step.
"""

from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from gis_app.errors import BadRequest, NotFound, PreconditionFailed
from gis_app.queries import access_tokens, people
from gis_app.queries.audit import record_event
from gis_app.web.context import allow, commune, connection, people_only
from gis_app.web.params import read_query
from gis_app.web.people_rules import GIVEN_ROLES, account_name, given_role, make_invitation
from gis_app.web.safe_writes import once, wanted_version
from gis_app.web.users import session_memory

blueprint = Blueprint("people_api", __name__)

CHANGE_SCHEMA = {
    "type": "object",
    "properties": {
        "role": {"enum": list(GIVEN_ROLES)},
        "is_active": {"type": "boolean"},
        "unlock": {"enum": [True]},
    },
}
INVITATION_SCHEMA = {
    "type": "object",
    "required": ["username", "role"],
    "properties": {"username": {"type": "string"}, "role": {"enum": list(GIVEN_ROLES)}},
}


def _body(*known: str) -> dict[str, Any]:
    body = request.get_json()
    if not isinstance(body, dict) or not body or not set(body) <= set(known):
        raise BadRequest("bad_body")
    return body


def _account(one: people.Person) -> dict[str, Any]:
    until = one.blocked_until_at
    return {
        "id": one.id,
        "username": one.username,
        "role": one.role,
        "is_active": one.is_active,
        "blocked_until_at": until.isoformat() if until else None,
        "created_at": one.created_at.isoformat(),
        "session_count": one.session_count,
        "version": one.version,
    }


def _invitation(one: people.Invitation) -> dict[str, Any]:
    return {
        "id": one.id,
        "username": one.username,
        "role": one.role,
        "invited_by": one.invited_by,
        "expires_at": one.expires_at.isoformat(),
    }


@blueprint.get("/api/accounts")
@allow("admin")
@people_only
def list_accounts() -> Response:
    """The accounts of the commune, by name."""
    read_query(())
    commune()
    return jsonify({"accounts": [_account(one) for one in people.fetch_people(connection())]})


@blueprint.patch("/api/accounts/<int:account_id>")
@allow("admin")
@people_only
def update_account(account_id: int) -> Response:
    """Change role, closing or waiting of the version that If-Match names; never of the own account."""
    read_query(())
    version, body = wanted_version(), _body("role", "is_active", "unlock")
    only_unlock = set(body) == {"unlock"}
    username = account_name(account_id, may_be_own=only_unlock)
    known = people.fetch_person(connection(), account_id)
    if known is None or known.version != version:
        raise PreconditionFailed("stale_version")
    _change(account_id, username, body)
    session_memory.forget_all()
    found = people.fetch_person(connection(), account_id)
    if found is None:
        raise NotFound("account_not_found")
    answer = jsonify(_account(found))
    answer.set_etag(str(found.version))
    return answer


update_account.needs_version = True  # type: ignore[attr-defined]
update_account.body_schema = CHANGE_SCHEMA  # type: ignore[attr-defined]


def _change(account_id: int, username: str, body: dict[str, Any]) -> None:
    conn = connection()
    if "role" in body:
        role = given_role(body["role"])
        people.update_role(conn, account_id, role)
        record_event(conn, "role_changed", "accounts", {"account": username, "role": role})
    if "is_active" in body:
        if not isinstance(body["is_active"], bool):
            raise BadRequest("bad_body")
        people.update_active(conn, account_id, is_active=body["is_active"])
        record_event(
            conn, "account_opened" if body["is_active"] else "account_closed", "accounts", {"account": username}
        )
    if "unlock" in body:
        if body["unlock"] is not True:
            raise BadRequest("bad_body")
        people.unlock(conn, account_id)
        record_event(conn, "account_unlocked", "accounts", {"account": username})


@blueprint.get("/api/invitations")
@allow("admin")
@people_only
def list_invitations() -> Response:
    """The open invitations of the commune, newest first; never their links."""
    read_query(())
    commune()
    return jsonify({"invitations": [_invitation(one) for one in people.fetch_invitations(connection())]})


@blueprint.post("/api/invitations")
@allow("admin")
@people_only
@once
def create_invitation() -> Response:
    """Invite a person: a link that is answered this once and lasts 72 hours; a repeated request gets no link."""
    body = _body("username", "role")
    if not isinstance(body.get("username"), str) or len(body["username"]) > 80:
        raise BadRequest("bad_body")
    link = make_invitation(body["username"], given_role(body.get("role")))
    made = _invitation(people.fetch_invitations(connection())[0])
    g.body_to_keep = jsonify(made).get_data(as_text=True)
    answer = jsonify(made | {"link": link})
    answer.status_code = 201
    return answer


create_invitation.body_schema = INVITATION_SCHEMA  # type: ignore[attr-defined]


@blueprint.delete("/api/invitations/<int:invitation_id>")
@allow("admin")
@people_only
def delete_invitation(invitation_id: int) -> tuple[str, int]:
    """Withdraw an open invitation."""
    read_query(())
    commune()
    username = people.delete_invitation(connection(), invitation_id) if invitation_id < 2**31 else None
    if username is None:
        raise NotFound("not_found")
    record_event(connection(), "invitation_withdrawn", "accounts", {"account": username})
    return "", 204


@blueprint.get("/api/tokens")
@allow("admin")
@people_only
def list_tokens() -> Response:
    """The tokens of the commune's accounts, newest first; never the tokens themselves."""
    read_query(())
    commune()
    tokens = [
        {
            "id": one.id,
            "username": one.username,
            "name": one.name,
            "scope": one.scope,
            "expires_at": one.expires_at.isoformat(),
            "last_used_at": one.last_used_at.isoformat() if one.last_used_at else None,
        }
        for one in access_tokens.fetch_tokens(connection())
    ]
    return jsonify({"tokens": tokens})


@blueprint.delete("/api/tokens/<int:token_id>")
@allow("admin")
@people_only
def delete_token(token_id: int) -> tuple[str, int]:
    """Revoke a token of one of the commune's accounts."""
    read_query(())
    commune()
    if token_id >= 2**31 or not access_tokens.delete_token(connection(), token_id):
        raise NotFound("not_found")
    record_event(connection(), "token_revoked", "accounts", {"token": token_id})
    session_memory.forget_all()
    return "", 204
