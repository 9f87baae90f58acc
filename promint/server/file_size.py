"""Limits uploaded files: no more of them is written to the disk than an upload may have."""

from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from promint.core.rules import limits


class WithinUploadLimit(FileUploadHandler):
    """Counts the bytes that arrive, whatever was announced. If all files of a request together
    exceed the limit, the rest is read and dropped, and the request has no file."""

    received = 0  # bytes

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > limits.UPLOAD_BYTES:
            raise StopUpload
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
