"""The eight lines. Wrong settings are a line too, so the settings are read before Django needs
them; what follows can be looked at only when they can be used."""

from collections.abc import Callable, Iterator, Sequence

from promint import environment
from promint.readiness.remark import Line, Remark, not_fine

AFTER_SETTINGS = ("database", "clock", "disk", "files", "mail server", "proxy headers", "sign-in")


def look() -> Iterator[Line]:
    from promint.readiness import own_settings

    problems = environment.problems()
    yield Line("settings", [not_fine(said) for said in problems] or own_settings.look())
    if problems:
        unseen = not_fine("This was not looked at: correct the settings first.")
        yield from (Line(name, [unseen]) for name in AFTER_SETTINGS)
        return
    import django

    django.setup()
    for name, glance in zip(AFTER_SETTINGS, _glances(), strict=True):
        yield Line(name, glance())


def _glances() -> list[Callable[[], Sequence[Remark]]]:
    from promint.readiness import (
        clock,
        database,
        disk,
        files,
        mail_server,
        proxy_headers,
        sign_in_provider,
    )

    return [
        database.look,
        clock.look,
        disk.look,
        files.look,
        mail_server.look,
        proxy_headers.look,
        sign_in_provider.look,
    ]
