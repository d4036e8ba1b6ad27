"""What posture knows about clouds: how to ask them, and what follows.  Pure: no Django, no database."""

VERSION = "0.1.0"  # of the product, as in pyproject.toml
