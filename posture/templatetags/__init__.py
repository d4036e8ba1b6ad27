"""The look in templates: `{% load look %}` brings all of it.  Pure presentation; text from clouds is always escaped."""
