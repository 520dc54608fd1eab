"""Settings: one frozen dataclass, read once from the environment. .env.example lists every variable."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gis_app import embedded

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """What an operator may set. Secrets have no default: the private cluster's own are made at random."""

    database_url: str
    """The web's login; it owns no table and row-level security binds it."""
    owner_database_url: str
    """A login that may migrate and create communes; used by the command line only."""
    secret_key: str
    var_dir: Path
    host: str = "127.0.0.1"
    port: int = 8000
    worker_count: int = 2
    secure_cookies: bool = False
    require_admin_totp: bool = False
    max_body_bytes: int = 20 * 1024 * 1024
    default_language: str = "vi"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read the environment; without DATABASE_URL the private cluster is started and used."""
        var_dir = Path(environ.get("VAR_DIR") or ROOT / "var").resolve()
        database_url, owner_url = environ.get("DATABASE_URL", ""), environ.get("DATABASE_OWNER_URL", "")
        if not database_url:
            database_url, owner_url = embedded.ensure_running(var_dir)
        return cls(
            database_url=database_url,
            owner_database_url=owner_url or database_url,
            secret_key=environ.get("SECRET_KEY") or _kept_secret(var_dir),
            var_dir=var_dir,
            host=environ.get("HOST") or cls.host,
            port=int(environ.get("PORT") or cls.port),
            worker_count=int(environ.get("WEB_WORKERS") or cls.worker_count),
            secure_cookies=environ.get("SECURE_COOKIES", "") == "1",
            require_admin_totp=environ.get("REQUIRE_ADMIN_TOTP", "") == "1",
            max_body_bytes=int(environ.get("MAX_BODY_BYTES") or cls.max_body_bytes),
            default_language=environ.get("DEFAULT_LANGUAGE") or cls.default_language,
        )


def _kept_secret(var_dir: Path) -> str:
    """A random key of this installation, made once, readable by its owner alone."""
    path = var_dir / "secret-key"
    if not path.exists():
        var_dir.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text().strip()
