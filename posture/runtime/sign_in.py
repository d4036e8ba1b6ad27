"""Who may have an account: those an admin invites, and nobody by themselves."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter


class ClosedToStrangers(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: Any) -> bool:
        return False
