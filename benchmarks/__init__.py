"""Benchmarks: each prints a table and a verdict; `.venv/bin/python -m benchmarks.<name> [--quick]`."""
