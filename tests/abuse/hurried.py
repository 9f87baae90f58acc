"""The `promint` program with deadlines so short that tests need not wait long for them."""

import django

TIMES_AS_FAST = 20


def hurry() -> None:
    from promint.api.door import door
    from promint.server import connection, cut_off, pace

    for module, *names in (
        (connection, "HEAD_SECONDS", "IDLE_SECONDS", "TAKEN_WITHIN"),
        (pace, "PATIENCE", "HEAD_START", "LONGEST"),
        (door, "BODY_SECONDS"),
        (cut_off, "TOLD_EVERY"),
    ):
        for name in names:
            setattr(module, name, getattr(module, name) / TIMES_AS_FAST)


if __name__ == "__main__":
    django.setup()
    hurry()
    from promint.cli import main

    main()
