"""What PROMINT_FILES_URL needs for files in a bucket (s3://bucket/prefix). Pure, but for the look
whether the library is there."""

import re
from collections.abc import Mapping
from importlib.util import find_spec

_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._-]+)*/?")
_KEY = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
# Any of them names a place at which credentials are given out.
_GIVEN_OUT = (
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_METADATA_ENDPOINT",
)


def wrong_with(url: str, environment: Mapping[str, str]) -> str:
    """What can be seen to be wrong without asking the store, as the end of a sentence that begins
    with the setting's name; empty if nothing is."""
    if not _BUCKET.fullmatch(url):
        return " must be s3:// and a bucket, like s3://bucket/prefix."
    if find_spec("obstore") is None:
        return ": s3:// needs pip install 'promint[s3]'."
    own = [name for name in _KEY if environment.get(name)]
    if len(own) == 1 or not (own or any(map(environment.get, _GIVEN_OUT))):
        return (
            f": there are no credentials for the store. Set {' and '.join(_KEY)}, or one of"
            f" {', '.join(_GIVEN_OUT)}."
        )
    return ""
