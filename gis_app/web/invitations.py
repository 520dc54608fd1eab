"""The page behind an invitation's link: a person who is not known yet chooses a password."""

from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from gis_app.db import Actor, act_as, begin
from gis_app.errors import Conflict, GisError, NotFound, Unprocessable
from gis_app.jobs.passwords import MIN_LENGTH, fault_of, hash_password
from gis_app.queries import accounts, people
from gis_app.queries.audit import record_event
from gis_app.queries.communes import fetch_commune
from gis_app.queries.people import Invitation
from gis_app.web.context import engine, people_only, public
from gis_app.web.i18n import t
from gis_app.web.moments import vietnamese
from gis_app.web.sign_in import sign_in

blueprint = Blueprint("invitations", __name__)


def _open_invitation(token: str) -> Invitation:
    with begin(engine(), accounts.GATE) as conn:
        found = people.fetch_invitation(conn, token[:200])
    if found is None:
        raise NotFound("invitation_void")
    return found


def _page(invitation: Invitation, token: str, error: GisError | None = None) -> Any:
    with begin(engine(), Actor(invitation.role, invitation.commune_id, invitation.username)) as conn:
        place = fetch_commune(conn, invitation.commune_id)
    text = t(f"error.{error.code}", **error.params) if error else None
    page = render_template(
        "people/accept.html",
        invitation=invitation,
        place=place,
        until=vietnamese(invitation.expires_at),
        token=token,
        error=text,
        min_length=MIN_LENGTH,
        signed_in_as=current_user.signed_in.username if current_user.is_authenticated else None,
    )
    return (page, error.status) if error else page


@blueprint.get("/moi/<token>")
@public
@people_only
def show(token: str) -> Any:
    """What the invitation is to, and a form for the password."""
    return _page(_open_invitation(token), token)


@blueprint.post("/moi/<token>")
@public
@people_only
def accept(token: str) -> Any:
    """Make the account with the chosen password and sign in; the link is used up."""
    invitation, password = _open_invitation(token), request.form.get("new_password", "")
    fault = "passwords_differ" if password != request.form.get("again", "") else fault_of(password, invitation.username)
    if fault is not None:
        return _page(invitation, token, Unprocessable(fault, min_length=MIN_LENGTH))
    return _make_account(invitation, password)


def _make_account(invitation: Invitation, password: str) -> AnyResponse:
    hashed = hash_password(password)
    with begin(engine(), accounts.GATE) as conn:
        if people.delete_invitation(conn, invitation.id) is None:
            raise NotFound("invitation_void")
        made = accounts.insert_account(conn, invitation.username, hashed, invitation.role, invitation.commune_id)
        if made is None:
            raise Conflict("username_taken")
        act_as(conn, Actor(invitation.role, invitation.commune_id, invitation.username))
        record_event(conn, "invitation_accepted", "accounts", {"role": invitation.role, "by": invitation.invited_by})
    sign_in(invitation.username, password)
    return redirect("/tai-khoan" if invitation.role == "admin" else "/")
