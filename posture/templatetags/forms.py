"""Forms: a field with its label, help and errors, and a button that asks before it does harm."""

from typing import Any
from zlib import crc32

from django.forms import BoundField, CheckboxInput
from django.template import Context, Library

register = Library()


@register.inclusion_tag("_components/field.html")
def field(bound: BoundField, help: str = "") -> dict[str, Any]:
    """`{% field form.name %}`: label, control, help, errors; Django ties them together with aria-describedby."""
    return {"field": bound, "help": help or bound.help_text, "check": isinstance(bound.field.widget, CheckboxInput)}


@register.inclusion_tag("_components/fields.html")
def fields(form: Any) -> dict[str, Any]:
    """`{% fields form %}`: the form's own errors, hidden fields, then every field."""
    return {"form": form}


@register.inclusion_tag("_components/confirm.html", takes_context=True)
def confirm(
    context: Context,
    action: str,
    label: str,
    question: str,
    consequence: str = "",
    yes: str = "",
    name: str = "",
    value: str = "",
    cls: str = "danger",
) -> dict[str, Any]:
    """`{% confirm url "Remove" "Remove this account?" "Its history is kept." "Remove account" %}`.

    A button that opens a question (a popover: no JavaScript), whose answer is a POST to `action`,
    with `name=value` beside the token where given.  `cls` dresses the button: "danger", "quiet small".
    """
    return {
        "id": f"confirm-{crc32(repr((action, label, name, value)).encode()):08x}",
        "action": action, "label": label, "question": question, "consequence": consequence,
        "yes": yes or label, "name": name, "value": value, "cls": cls, "csrf_token": context.get("csrf_token"),
    }  # fmt: skip
