"""The browser's way in."""
