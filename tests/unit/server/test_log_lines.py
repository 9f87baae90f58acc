"""Log lines say where something failed, but never with which values."""

import json
import logging
import sys

from promint import settings
from promint.server.log_lines import JsonFormatter, LineFormatter

FORMATTER = LineFormatter("%(levelname)s %(message)s")


def logged(raise_it: str, formatter: logging.Formatter = FORMATTER) -> str:
    try:
        exec(raise_it)  # so that the place is in this file, but no line of the file has the message
    except Exception:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "Broke.", None, sys.exc_info())
        record.request_id = "req_1"
        return formatter.format(record)
    raise AssertionError("nothing was raised")


def test_the_words_of_an_exception_are_left_out() -> None:
    line = logged("int('CANARY')")
    assert line.startswith("ERROR Broke.\n")
    assert "builtins.ValueError" in line
    assert f'File "{__file__}"' in line
    assert "CANARY" not in line


def test_the_words_of_its_causes_are_left_out_too() -> None:
    line = logged("try: int('CANARY')\nexcept ValueError as e: raise KeyError('CANARY') from e")
    assert line.index("builtins.ValueError") < line.index("builtins.KeyError")
    assert "CANARY" not in line


def test_what_was_hidden_on_purpose_stays_hidden() -> None:
    line = logged("try: int('x')\nexcept ValueError: raise KeyError('x') from None")
    assert "ValueError" not in line


def test_what_the_system_or_the_database_server_says_is_told() -> None:
    assert "No such file or directory" in logged("open('/no/such/file')")


def test_the_settings_use_this_format() -> None:
    assert settings.LOGGING["formatters"]["line"]["()"] == "promint.server.log_lines.LineFormatter"


def test_of_the_database_servers_words_only_the_first_line_is_told() -> None:
    told = logged(
        "from django.db import OperationalError; raise OperationalError('no space\\nCOPY: SPR7K2M')"
    )
    assert "no space" in told
    assert "SPR7K2M" not in told


def test_as_json_a_line_is_one_object_with_traceback_and_request() -> None:
    line = logged("int('CANARY')", JsonFormatter())
    assert "\n" not in line
    told = json.loads(line)
    assert (told["level"], told["message"], told["request_id"]) == ("ERROR", "Broke.", "req_1")
    assert "builtins.ValueError" in told["trace"]
    assert "CANARY" not in line
