"""The resources of the double, theme by theme.  EXPECTED of mistakes.py says which of them are mistakes."""
