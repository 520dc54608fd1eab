"""Words that people write about places: what tells of a person is refused, and named by its kind, never repeated."""

from gis_app.analysis.person_guard import kinds_in
from gis_app.errors import Unprocessable
from gis_app.text import tidy
from gis_app.web.i18n import t


def refuse_persons(text: str | None) -> None:
    """Refuse words that tell of a person."""
    kinds = sorted(kinds_in(tidy(text))) if text else []
    if kinds:
        raise Unprocessable("personal_words", kinds=", ".join(t(f"guard.{kind}") for kind in kinds))
