"""python -m promint.cli: how the supervisor starts its processes."""

from promint.cli import main

main()
