"""Bản đồ Bình Yên: the application's factory."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from click import Command, Context
    from flask import Flask
    from flask.cli import AppGroup

    from gis_app.settings import Settings

# Imported inside the factory: a child process that reads one file needs no web server in its memory.
# ruff: noqa: PLC0415


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application: engine, context, every blueprint found in web/, every command."""
    from flask import Flask

    from gis_app import web
    from gis_app.db import make_engine
    from gis_app.settings import ROOT, Settings
    from gis_app.web import assets, context, i18n, logs, measures, nav, symbols

    settings = settings or Settings.from_environment()
    app = Flask(__name__, static_folder=str(ROOT / "static"))
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=settings.max_body_bytes,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        WTF_CSRF_TIME_LIMIT=None,  # a phone page may stay open all shift; the session's own end counts
        WTF_CSRF_SSL_STRICT=False,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.extensions["engine"] = make_engine(settings.database_url)
    logs.install(app)
    measures.install(app)
    context.install(app)
    app.context_processor(
        lambda: {
            "t": i18n.t, "lang": i18n.language(), "asset_version": assets.version(),
            "pages": nav.pages, "tabs": nav.tabs, "nav_map": nav.MAP, "here": nav.here, "ways_out": nav.ways_out,
            "icon": symbols.icon,
        }
    )  # fmt: skip
    for module in pkgutil.iter_modules(web.__path__):
        blueprint = getattr(importlib.import_module(f"gis_app.web.{module.name}"), "blueprint", None)
        if blueprint is not None:
            app.register_blueprint(blueprint)
    app.cli = _commands(app.name)
    return app


def _commands(name: str) -> AppGroup:
    """The commands, found when somebody asks for one: a worker of the web starts in half of the time without."""
    from flask.cli import AppGroup

    class Commands(AppGroup):
        """Every command of cli.py and cli_*.py."""

        def _load(self) -> None:
            from gis_app.cli import commands

            for command in commands() if not self.commands else ():
                self.add_command(command)

        def list_commands(self, ctx: Context) -> list[str]:
            self._load()
            return super().list_commands(ctx)

        def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
            self._load()
            return super().get_command(ctx, cmd_name)

    return Commands(name)
