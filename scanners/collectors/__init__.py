"""Ask a cloud and say what was seen."""
