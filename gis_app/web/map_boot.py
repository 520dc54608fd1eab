"""What a page with a map tells its scripts: session, messages of the page's own scripts, language, today."""

from typing import Any

from gis_app.queries.statuses import fetch_today
from gis_app.web.context import connection
from gis_app.web.i18n import language
from gis_app.web.script_messages import script_messages
from gis_app.web.who import session_dict


def map_boot(page: str) -> dict[str, Any]:
    """The boot data of `static/js/pages/<page>.js`, as core/page_map.js reads it."""
    return {
        "session": session_dict(),
        "messages": script_messages(language(), page),
        "today": fetch_today(connection()).isoformat(),
        "lang": language(),
    }
