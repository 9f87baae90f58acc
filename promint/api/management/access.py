"""Who may use an operation: the holder of an API key with the right scope."""

from django.http import HttpRequest
from ninja.security.http import HttpAuthBase

from promint.accounts.keys import KeyHolder
from promint.accounts.roles import Scope
from promint.api import bearer
from promint.api.problems import ProblemRaised


class ApiRequest(HttpRequest):
    auth: KeyHolder


class ApiKey(HttpAuthBase):
    openapi_scheme = "bearer"
    openapi_description = "An API key with the scope that the operation needs."

    def __init__(self, *scopes: Scope) -> None:
        """`scopes`: one of them is enough."""
        super().__init__()
        self.scopes = scopes

    def __call__(self, request: HttpRequest) -> KeyHolder:
        key = bearer.key_of(request.headers.get("Authorization", ""))
        holder = bearer.remembered(key) or bearer.look_up(key)
        if (problem := bearer.refusal(holder, *self.scopes)) is not None:
            raise ProblemRaised(problem)
        assert holder is not None
        return holder
