"""Answers to strangers about tips: no session is looked at, nothing is kept by a browser or a proxy, no log line."""

from io import BytesIO
from typing import Any

from flask import Response, current_app, g, request
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.formparser import FormDataParser

from gis_app.web import assets
from gis_app.web.i18n import LANGUAGES, t

MOST_WORDS_BYTES = 100_000
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}


def begin_answer() -> None:
    """Before a view: the language is the address's, and no cookie is read or written."""
    asked = request.args.get("lang")
    g.lang = asked if asked in LANGUAGES else current_app.config["SETTINGS"].default_language
    g.no_cookie = True


def secret_key() -> str:
    """The installation's secret."""
    return str(current_app.config["SECRET_KEY"])


def page(template: str, status: int = 200, **values: Any) -> Response:
    """A page of the address alone; not render_template, which would look up who is signed in."""
    common = {
        "t": t, "lang": g.lang, "asset_version": assets.version(), "theme": "auto",
        "suffix": "" if g.lang == current_app.config["SETTINGS"].default_language else f"?lang={g.lang}",
    }  # fmt: skip
    answer = current_app.make_response(current_app.jinja_env.get_template(template).render(common | values))
    answer.status_code = status
    answer.headers.update(HEADERS)
    return answer


def read_body() -> tuple[MultiDict[str, str], MultiDict[str, FileStorage]]:
    """A form's fields and files, in memory alone: Werkzeug would put a larger file on the disk."""
    parser = FormDataParser(
        stream_factory=lambda *_args, **_named: BytesIO(),
        max_form_memory_size=MOST_WORDS_BYTES,
        max_content_length=request.max_content_length,
        max_form_parts=40,
        silent=True,
    )
    _, form, files = parser.parse(request.stream, request.mimetype, request.content_length, request.mimetype_params)
    return form, files
