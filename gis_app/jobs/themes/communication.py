"""Whether there was communication this month."""

from gis_app.jobs.themes.base import indicator_theme

theme = indicator_theme("communication")
