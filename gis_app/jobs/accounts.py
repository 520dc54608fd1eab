"""Accounts made from the command line."""

import json
import secrets
from pathlib import Path

from sqlalchemy.engine import Connection

from gis_app.jobs.passwords import hash_password
from gis_app.queries.accounts import upsert_account

# Five reference communes by the short name that the demonstration accounts use.
DEMO_COMMUNES = {"doson": 11455, "kienan": 11443, "tanan": 11167, "hoanhson": 18832, "kienminh": 11725}
DEMO_ROLES = ("data", "planner", "patrol", "committee")


def set_account(conn: Connection, username: str, password: str, role: str, commune_id: int | None) -> None:
    """Make an account or change its password; its sessions end."""
    upsert_account(conn, username, hash_password(password), role, commune_id)


def make_demo_accounts(conn: Connection, path: Path) -> None:
    """Make one account for each role of each reference commune and write their passwords to `path` (mode 600)."""
    places = {"admin": ("admin", None)} | {
        f"{role}.{name}": (role, commune_id) for name, commune_id in DEMO_COMMUNES.items() for role in DEMO_ROLES
    }
    passwords = {username: secrets.token_urlsafe(9) for username in places}
    for username, (role, commune_id) in places.items():
        set_account(conn, username, passwords[username], role, commune_id)
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(passwords, indent=2) + "\n")
