"""Whether a group has a board with the three numbers."""

from gis_app.jobs.themes.base import indicator_theme

theme = indicator_theme("notice_boards")
