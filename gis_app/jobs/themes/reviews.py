"""Whether all three criteria are reviewed in the period."""

from gis_app.jobs.themes.base import indicator_theme

theme = indicator_theme("reviews")
