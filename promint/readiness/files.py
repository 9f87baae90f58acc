"""Whether the place of files that several machines need can be used."""

from django.conf import settings

from promint.core import shared_files
from promint.readiness.remark import Remark, fine, not_fine

_ELSEWHERE = {
    "database:": "Exports and uploads go through the database.",
    "directory:": "Exports and uploads are in the data directory, which all machines share.",
}


def look() -> list[Remark]:
    url = settings.FILES_URL
    if not shared_files.are_in_a_store():
        return [fine(_ELSEWHERE[url])]
    if wrong := shared_files.look(url):
        ask = "look at the bucket, its rights and the variables AWS_…"
        return [not_fine(f"{url} cannot be used: {wrong.rstrip('.')}; {ask}.")]
    return [fine(f"A file was stored in {url}, listed, read and deleted.")]
