"""The `promint` program without a limit on the claims that wait: the guard is off."""

import django

if __name__ == "__main__":
    django.setup()
    from promint.cli import main
    from promint.core.claiming import writer

    writer.MOST_WAITING = 1_000_000
    main()
