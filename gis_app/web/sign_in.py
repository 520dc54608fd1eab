"""The two steps of signing in, and asking a signed-in person for the password again."""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from flask import current_app, request, session
from flask_login import login_user
from sqlalchemy.engine import Connection

from gis_app.db import Actor, act_as, begin
from gis_app.errors import GisError, TooManyRequests, Unauthenticated
from gis_app.jobs.passwords import verify_password
from gis_app.jobs.recovery import is_right, read_code
from gis_app.jobs.second_factor import decrypt_secret, matching_step
from gis_app.queries import accounts, recovery_codes
from gis_app.queries.accounts import Account
from gis_app.queries.audit import record_event
from gis_app.queries.second_factors import fetch_second_factor, update_last_step
from gis_app.web.context import engine
from gis_app.web.users import User

# How long the second step may take after the first.
PENDING_S = 300
PENDING = "second_step"
BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What became of an attempt: the session's token, or the error; the caller raises it after the commit."""

    token: str = ""
    error: GisError | None = None


def now() -> datetime:
    """The time; tests put another clock here."""
    return datetime.now(UTC)


def device() -> str:
    """Browser and system in two words, so that a person knows the own sessions apart; nothing finer is kept."""
    agent = request.headers.get("User-Agent", "")
    words = [next((name for mark, name in marks if mark in agent), "") for marks in (BROWSERS, SYSTEMS)]
    return " · ".join(word for word in words if word)


def wait_of(account: Account | None) -> TooManyRequests | None:
    """How long the account must still wait after wrong passwords."""
    if account is None or account.blocked_until_at is None:
        return None
    seconds = (account.blocked_until_at - now()).total_seconds()
    return TooManyRequests("sign_in_wait", retry_after_s=int(seconds) + 1) if seconds > 0 else None


def sign_in(username: str, password: str, code: str = "") -> None:
    """Start a session, or raise; a wrong name and a wrong password answer alike.

    `code_needed` is raised where the password is right and a code is missing: no failure is counted or forgiven.
    """
    with begin(engine(), accounts.GATE) as conn:
        account = accounts.fetch_account(conn, username)
        wait = wait_of(account)
        if wait is not None or account is None:
            if wait is None:
                verify_password(None, password)
            outcome = Outcome(error=wait or Unauthenticated("sign_in_failed"))
        elif verify_password(account.password_hash, password):
            outcome = _second_step(conn, account, code)
        else:
            outcome = _failed(conn, account, "sign_in_failed")
        if account is not None and (outcome.error is None or outcome.error.code != "code_needed"):
            # A name that nobody has may be a password typed in the wrong place: it is not kept.
            act_as(conn, Actor(account.role, account.commune_id, account.username))
            record_event(conn, "sign_in_failed" if outcome.error else "sign_in", "accounts")
    _settle(outcome)


def remember_first_step(username: str) -> None:
    """Keep in the signed cookie that the password was right; a new password makes it void."""
    with begin(engine(), accounts.GATE) as conn:
        account = accounts.fetch_account(conn, username)
    if account is not None:
        session[PENDING] = {"username": username, "at": int(now().timestamp()), "proof": _proof(account)}


def pending_username() -> str | None:
    """Whose second step is open in this browser, if anybody's."""
    kept = session.get(PENDING)
    if not isinstance(kept, dict) or now().timestamp() - kept["at"] > PENDING_S:
        return None
    return str(kept["username"])


def finish_sign_in(code: str) -> None:
    """The second step of a form: the code alone; raises `sign_in_first` when the first step is too old."""
    username, kept = pending_username(), session.get(PENDING)
    if username is None or kept is None:
        raise Unauthenticated("first_step_old")
    with begin(engine(), accounts.GATE) as conn:
        account = accounts.fetch_account(conn, username)
        if account is None or kept["proof"] != _proof(account):
            raise Unauthenticated("first_step_old")
        wait = wait_of(account)
        outcome = Outcome(error=wait) if wait else _second_step(conn, account, code)
        act_as(conn, Actor(account.role, account.commune_id, account.username))
        record_event(conn, "sign_in_failed" if outcome.error else "sign_in", "accounts")
    _settle(outcome)


def code_fault(conn: Connection, account: Account, code: str, *, confirmed: bool = True) -> str | None:
    """Check a code against the account's second factor and use it up; None when right, or where there is none.

    Once the second factor is confirmed, a recovery code is as good as a code of the app, once.
    """
    factor = fetch_second_factor(conn, account.id)
    if factor is None or (confirmed and factor.confirmed_at is None):
        return None
    if not code:
        return "code_needed"
    recovery = read_code(code)
    if recovery is not None and confirmed:
        if not is_right(recovery_codes.fetch_hash(conn, account.id, recovery.position), recovery):
            return "code_wrong"
        _note_recovery(conn, account, recovery_codes.use_code(conn, account.id, recovery.position))
        return None
    secret = decrypt_secret(current_app.config["SECRET_KEY"], factor.secret_encrypted)
    step = None if secret is None else matching_step(secret, code, factor.last_step, now())
    if step is None:
        return "code_wrong"
    update_last_step(conn, account.id, step)
    return None


def proof_error(
    conn: Connection, username: str, password: str, code: str | None = None, *, confirmed: bool = True
) -> GisError | None:
    """Ask a signed-in person again (as `gate`) for the password, and for a code unless None is given for it.

    What is wrong counts as at sign-in, and only both together forgive. The caller raises after the commit.
    """
    account = accounts.fetch_account(conn, username)
    wait = wait_of(account)
    if wait is not None:
        return wait
    if account is None or not verify_password(account.password_hash, password):
        error: GisError | None = Unauthenticated("password_wrong")
    else:
        fault = None if code is None else code_fault(conn, account, code, confirmed=confirmed)
        error = Unauthenticated(fault) if fault else None
    if account is not None and (error is not None or code is not None or not _has_factor(conn, account)):
        accounts.update_failures(conn, account, failed=error is not None, now=now())
    return error


def _has_factor(conn: Connection, account: Account) -> bool:
    factor = fetch_second_factor(conn, account.id)
    return factor is not None and factor.confirmed_at is not None


def _note_recovery(conn: Connection, account: Account, left: int) -> None:
    """Log that a recovery code was used, as the person, and be the `gate` again."""
    act_as(conn, Actor(account.role, account.commune_id, account.username))
    record_event(conn, "recovery_code_used", "accounts", {"left": left})
    act_as(conn, accounts.GATE)


def _second_step(conn: Connection, account: Account, code: str) -> Outcome:
    fault = code_fault(conn, account, code)
    if fault == "code_needed":
        return Outcome(error=Unauthenticated(fault))
    if fault is not None:
        return _failed(conn, account, fault)
    accounts.update_failures(conn, account, failed=False, now=now())
    return Outcome(accounts.insert_session(conn, account.id, device()))


def _failed(conn: Connection, account: Account, code: str) -> Outcome:
    accounts.update_failures(conn, account, failed=True, now=now())
    return Outcome(error=Unauthenticated(code))


def _settle(outcome: Outcome) -> None:
    if outcome.error is not None:
        raise outcome.error
    with begin(engine(), accounts.GATE) as conn:
        signed_in = accounts.fetch_signed_in(conn, outcome.token)
    if signed_in is None:
        raise Unauthenticated("sign_in_failed")
    session.pop(PENDING, None)
    login_user(User(outcome.token, signed_in))


def _proof(account: Account) -> str:
    return sha256(account.password_hash.encode()).hexdigest()[:16]
