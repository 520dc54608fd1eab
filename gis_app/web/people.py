"""The accounts of a commune, for its administrator: invite, change role, close, open, unlock. Without JavaScript.

Row-level security is what keeps other communes out: a foreign id is a row that is not there.
"""

from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from gis_app.errors import Conflict, GisError, NotFound, Unprocessable
from gis_app.queries import access_tokens, people
from gis_app.queries.audit import record_event
from gis_app.web.context import allow, commune, connection, people_only, person
from gis_app.web.i18n import t
from gis_app.web.moments import vietnamese
from gis_app.web.params import Param, one_of, reads
from gis_app.web.people_rules import GIVEN_ROLES, account_name, given_role, make_invitation
from gis_app.web.sign_in import now
from gis_app.web.users import session_memory

blueprint = Blueprint("people", __name__, url_prefix="/quan-tri/tai-khoan")

DONE = ("role", "closed", "opened", "unlocked", "token", "withdrawn")


def _done(event: str, word: str, **detail: Any) -> AnyResponse:
    record_event(connection(), event, "accounts", detail)
    session_memory.forget_all()
    return redirect(f"/quan-tri/tai-khoan?done={word}")


@blueprint.get("")
@allow("admin")
@people_only
@reads(Param("done", one_of(*DONE), "What was just done"))
def show(query: dict[str, Any]) -> Any:
    """The accounts, open invitations and tokens of the commune."""
    return _page(done=query["done"])


def _page(*, done: str | None = None, link: str | None = None, error: GisError | None = None) -> Any:
    place, conn = commune(), connection()
    page = render_template(
        "people/index.html",
        place=place,
        people=people.fetch_people(conn),
        invitations=people.fetch_invitations(conn),
        tokens=access_tokens.fetch_tokens(conn),
        roles=GIVEN_ROLES,
        me=person().signed_in.account_id,
        now=now(),
        at=vietnamese,
        done=done,
        link=link,
        # What was typed, after an error; whom the link is for, after none.
        username=request.form.get("username", "")[:40],
        wanted_role=request.form.get("role", "patrol"),
        error=t(f"error.{error.code}", **error.params) if error else None,
    )
    return (page, error.status) if error else page


@blueprint.post("/moi")
@allow("admin")
@people_only
def invite() -> Any:
    """Invite a person: a link that is shown this once and lasts 72 hours."""
    role = given_role(request.form.get("role", ""))
    try:
        link = make_invitation(request.form.get("username", ""), role)
    except (Unprocessable, Conflict) as error:
        return _page(error=error)
    return _page(link=link)


@blueprint.post("/moi/<int:invitation_id>")
@allow("admin")
@people_only
def withdraw(invitation_id: int) -> AnyResponse:
    """Withdraw an open invitation."""
    commune()
    username = people.delete_invitation(connection(), invitation_id) if invitation_id < 2**31 else None
    if username is None:
        raise NotFound("not_found")
    return _done("invitation_withdrawn", "withdrawn", account=username)


@blueprint.post("/<int:account_id>/vai-tro")
@allow("admin")
@people_only
def change_role(account_id: int) -> AnyResponse:
    """Give an account another role of the commune; its sessions end."""
    role, username = given_role(request.form.get("role", "")), account_name(account_id)
    people.update_role(connection(), account_id, role)
    return _done("role_changed", "role", account=username, role=role)


@blueprint.post("/<int:account_id>/khoa")
@allow("admin")
@people_only
def close(account_id: int) -> AnyResponse:
    """Close an account; its sessions and tokens end."""
    username = account_name(account_id)
    people.update_active(connection(), account_id, is_active=False)
    return _done("account_closed", "closed", account=username)


@blueprint.post("/<int:account_id>/mo")
@allow("admin")
@people_only
def reopen(account_id: int) -> AnyResponse:
    """Open a closed account again."""
    username = account_name(account_id)
    people.update_active(connection(), account_id, is_active=True)
    return _done("account_opened", "opened", account=username)


@blueprint.post("/<int:account_id>/bo-cho")
@allow("admin")
@people_only
def unlock(account_id: int) -> AnyResponse:
    """Spare an account the wait after wrong passwords."""
    username = account_name(account_id, may_be_own=True)
    people.unlock(connection(), account_id)
    return _done("account_unlocked", "unlocked", account=username)


@blueprint.post("/ma-truy-cap/<int:token_id>")
@allow("admin")
@people_only
def revoke_token(token_id: int) -> AnyResponse:
    """Revoke a token of one of the commune's accounts."""
    commune()
    if token_id >= 2**31 or not access_tokens.delete_token(connection(), token_id):
        raise NotFound("not_found")
    return _done("token_revoked", "token", token=token_id)
