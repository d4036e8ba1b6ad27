"""One door to the look: `{% load look %}` gives every tag and filter of the rooms beside this module.

`templates/_components/README.md` shows each of them in use.
"""

from django.template import Library

from . import atoms, charts, forms, listing, proof, shell

register = Library()

for room in (atoms, charts, forms, listing, proof, shell):
    register.tags.update(room.register.tags)
    register.filters.update(room.register.filters)
