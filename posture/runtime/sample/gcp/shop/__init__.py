"""The shop's resources, theme by theme.  EXPECTED of mistakes.py says which of them are mistakes."""
