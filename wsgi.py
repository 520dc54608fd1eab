"""Entry of the WSGI server and of the `flask` command, which finds `create_app` here by itself."""

from flask import Flask

from gis_app import create_app as make_app
from gis_app.web.tip_gate import Gate


def create_app() -> Flask:
    """The application as it is served: with the gate before the residents' pages."""
    app = make_app()
    app.wsgi_app = Gate(app.wsgi_app)  # type: ignore[method-assign]
    return app
