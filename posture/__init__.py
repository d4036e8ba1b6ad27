"""The Django project and its one app. Importing it costs nothing: the sample cloud and `manage.py` do so as well."""
