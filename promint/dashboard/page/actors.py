"""The names of those who did something."""

from collections.abc import Iterable

from promint.accounts import keys
from promint.accounts.models import Staff
from promint.accounts.signing_in import NOBODY

_STAFF, _KEY = "staff:", "key:"
_NAMELESS = {
    "worker": "Promint",
    "openid": "Sign-in provider",
    NOBODY: "Someone who is not signed in",
}


def names_of(actors: Iterable[str]) -> dict[str, str]:
    """The names of the audit log's actors ("staff:…", "key:…", "worker"). One query for each
    kind."""
    wanted = set(actors)
    emails = [actor.removeprefix(_STAFF) for actor in wanted if actor.startswith(_STAFF)]
    people = Staff.objects.filter(email__in=emails).values_list("email", "name")
    names = {_STAFF + email: name for email, name in people if name}
    of_keys = [actor.removeprefix(_KEY) for actor in wanted if actor.startswith(_KEY)]
    if of_keys:
        names |= {_KEY + key: f"API key {name}" for key, name in keys.names_of(of_keys).items()}
    return {actor: names.get(actor) or _plain(actor) for actor in wanted}


def _plain(actor: str) -> str:
    if actor.startswith(_KEY):  # by name, as older entries do
        return f"API key {actor.removeprefix(_KEY)}"
    return _NAMELESS.get(actor) or actor.removeprefix(_STAFF)
