"""Bring a database to this program's schema."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from gis_app.db import driver_url

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def alembic_config(connection: sa.Connection) -> Config:
    """Alembic's configuration for an open connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def knows_migration(revision: str) -> bool:
    """Whether a migration is one of this program's."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    try:
        return ScriptDirectory.from_config(config).get_revision(revision) is not None
    except CommandError:
        return False


def migrate(owner_url: str, revision: str = "head") -> None:
    """Upgrade (one transaction: all or nothing); the URL's login must be allowed to create extensions and roles."""
    engine = sa.create_engine(driver_url(owner_url))
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), revision)
    engine.dispose()


def make_migration(owner_url: str, message: str, revision: str) -> None:
    """Write the migration that leads from the database to the layer files and tables."""
    engine = sa.create_engine(driver_url(owner_url))
    with engine.begin() as connection:
        command.revision(alembic_config(connection), message=message, autogenerate=True, rev_id=revision)
    engine.dispose()


def set_app_password(owner_url: str, app_url: str) -> None:
    """Give the web's login the password that its URL names, so that a new server needs no step by hand."""
    parts = urlsplit(app_url)
    if parts.username != "gis_app" or not parts.password:
        return
    engine = sa.create_engine(driver_url(owner_url))
    with engine.begin() as connection:
        quoted = connection.exec_driver_sql("SELECT quote_literal(%s)", (unquote(parts.password),)).scalar_one()
        connection.exec_driver_sql(f"ALTER ROLE gis_app PASSWORD {quoted}".replace("%", "%%"))
    engine.dispose()
