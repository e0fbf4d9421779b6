"""Whole studies, each described by one TOML file: simulate, learn, report."""
