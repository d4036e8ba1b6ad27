"""The benchmarks behind `manage.py bench`: seeded, repeatable, and never a test."""
