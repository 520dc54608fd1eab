"""Whether a group has a tip box."""

from gis_app.jobs.themes.base import indicator_theme

theme = indicator_theme("tip_boxes")
