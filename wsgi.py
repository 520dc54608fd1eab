"""Entry of the WSGI server and of the `flask` command, which finds `create_app` here by itself."""

from gis_app import create_app

__all__ = ["create_app"]
