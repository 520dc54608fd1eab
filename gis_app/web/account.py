"""A person's own account: the page, the password, the sessions. Works without JavaScript."""

from typing import Any

from flask import Blueprint, redirect
from werkzeug.wrappers import Response as AnyResponse

from gis_app.db import begin
from gis_app.errors import NotFound, Unprocessable
from gis_app.jobs.passwords import MIN_LENGTH, fault_of, hash_password
from gis_app.queries import accounts
from gis_app.web.account_page import DONE, account_page, field, record
from gis_app.web.context import allow, engine, people_only, person
from gis_app.web.params import Param, one_of, reads
from gis_app.web.sign_in import proof_error
from gis_app.web.users import session_memory
from layers.base import SIGNED_IN

blueprint = Blueprint("account", __name__)


@blueprint.get("/tai-khoan")
@allow(*SIGNED_IN)
@people_only
@reads(Param("done", one_of(*DONE), "What was just done"))
def show(query: dict[str, Any]) -> Any:
    """The own account."""
    return account_page(done=query["done"])


@blueprint.post("/tai-khoan/mat-khau")
@allow(*SIGNED_IN)
@people_only
def change_password() -> Any:
    """Change the password; every other session ends."""
    user, new = person(), field("new_password", 1000)
    who = user.signed_in
    fault = "passwords_differ" if new != field("again", 1000) else fault_of(new, who.username)
    if fault is not None:
        return account_page(error=Unprocessable(fault, min_length=MIN_LENGTH))
    with begin(engine(), accounts.GATE) as conn:
        error = proof_error(conn, who.username, field("old_password"))
        if error is None:
            accounts.update_password(conn, who.account_id, hash_password(new))
            accounts.delete_sessions(conn, who.account_id, but=user.token)
            record(conn, "password_changed")
    if error is not None:
        return account_page(error=error)
    session_memory.forget_all()
    return redirect("/tai-khoan?done=password")


@blueprint.post("/tai-khoan/phien/<int:session_id>")
@allow(*SIGNED_IN)
@people_only
def revoke_session(session_id: int) -> AnyResponse:
    """End one of the own sessions."""
    with begin(engine(), accounts.GATE) as conn:
        if session_id >= 2**63 or not accounts.delete_own_session(conn, person().signed_in.account_id, session_id):
            raise NotFound("not_found")
        record(conn, "session_revoked")
    session_memory.forget_all()
    return redirect("/tai-khoan?done=session")


@blueprint.post("/tai-khoan/phien")
@allow(*SIGNED_IN)
@people_only
def revoke_other_sessions() -> AnyResponse:
    """End every other session of the own account."""
    with begin(engine(), accounts.GATE) as conn:
        accounts.delete_sessions(conn, person().signed_in.account_id, but=person().token)
        record(conn, "session_revoked")
    session_memory.forget_all()
    return redirect("/tai-khoan?done=sessions")
