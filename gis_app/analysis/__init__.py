"""Pure computation: arrays and dataclasses in, dataclasses out; no database, no clock, no files."""
