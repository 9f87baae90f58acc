"""A store of objects with the interface of S3, on a port of this machine: the server of moto, which
shares no code with the library that Promint uses."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
import httpx

from tests.databases import HOST, free_port

BUCKET = "files"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "promint", "AWS_SECRET_ACCESS_KEY": "not a secret"}
ANSWERS_WITHIN = 90  # seconds; the machine may be slow and shared


class Store:
    """`environment`: what Promint needs in order to use it."""

    def __init__(self, port: int) -> None:
        self.address = f"http://{HOST}:{port}"
        self.environment = {
            "PROMINT_FILES_URL": f"s3://{BUCKET}/promint",
            "AWS_ENDPOINT_URL": self.address,
            **CREDENTIALS,
        }
        self._client = boto3.client(
            "s3",
            endpoint_url=self.address,
            region_name="us-east-1",
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        )

    def make_bucket(self) -> None:
        self._client.create_bucket(Bucket=BUCKET)

    def sizes(self) -> dict[str, int]:
        """The objects of the bucket, in bytes."""
        found = self._client.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return {one["Key"]: one["Size"] for one in found}


@contextmanager
def running() -> Iterator[Store]:
    """With an empty bucket."""
    port = free_port()
    server = Path(sys.executable).with_name("moto_server")
    process = subprocess.Popen(
        [server, "-H", HOST, "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        store = Store(port)
        _wait_for(store.address)
        store.make_bucket()
        yield store
    finally:
        process.kill()
        process.wait()


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + ANSWERS_WITHIN
    while True:
        try:
            httpx.get(f"{address}/moto-api/", trust_env=False, timeout=30)
        except httpx.TransportError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        else:
            return
