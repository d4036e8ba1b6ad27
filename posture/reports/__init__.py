"""Rows in, chunks out."""
