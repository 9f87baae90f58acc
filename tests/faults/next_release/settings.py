"""The settings of Promint, with one more migration."""

from promint.settings import *  # noqa: F403
from promint.settings import INSTALLED_APPS as THOSE_OF_NOW

INSTALLED_APPS = [*THOSE_OF_NOW, "tests.faults.next_release"]
