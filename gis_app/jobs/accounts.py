"""Accounts made from the command line."""

import json
import secrets
from datetime import timedelta
from pathlib import Path

from sqlalchemy.engine import Connection

from gis_app.jobs.passwords import hash_password
from gis_app.queries.accounts import upsert_account
from gis_app.queries.city import upsert_grant
from gis_app.queries.statuses import fetch_today

# Five reference communes, and an invented one beside one of them, by the short name that the accounts use.
DEMO_COMMUNES = {"doson": 11455, "kienan": 11443, "tanan": 11167, "hoanhson": 18832, "kienminh": 11725,
                 "minhhoa": 99001}  # fmt: skip
DEMO_ROLES = ("data", "planner", "patrol", "committee", "supervisor")
# The communes of Hải Phòng: their city reads totals, and one of them as a supervisor does.
DEMO_CITY, DEMO_DETAIL = "city.haiphong", "kienan"
DEMO_CITY_COMMUNES = ("doson", "kienan", "tanan", "kienminh")
GRANTED = timedelta(days=365)


def set_account(conn: Connection, username: str, password: str, role: str, commune_id: int | None) -> None:
    """Make an account or change its password; its sessions end."""
    upsert_account(conn, username, hash_password(password), role, commune_id)


def make_demo_accounts(conn: Connection, path: Path) -> None:
    """Make an account for each role of each reference commune and one of their city; passwords: `path` (mode 600)."""
    places: dict[str, tuple[str, int | None]] = {"admin": ("admin", None), DEMO_CITY: ("city", None)} | {
        f"{role}.{name}": (role, commune_id) for name, commune_id in DEMO_COMMUNES.items() for role in DEMO_ROLES
    }
    passwords = {username: secrets.token_urlsafe(9) for username in places}
    for username, (role, commune_id) in places.items():
        set_account(conn, username, passwords[username], role, commune_id)
    until_on = fetch_today(conn) + GRANTED
    for name in DEMO_CITY_COMMUNES:
        upsert_grant(conn, DEMO_CITY, DEMO_COMMUNES[name], until_on, detail=name == DEMO_DETAIL)
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(passwords, indent=2) + "\n")
