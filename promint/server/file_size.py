"""Files that are sent to us: no more of them reaches the disk than an upload may have."""

from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from promint.core.rules import limits


class WithinUploadLimit(FileUploadHandler):
    """Counts what comes, whatever was announced. Beyond the limit of all files of a request
    together, the rest is read and thrown away, and the request has no file."""

    received = 0  # bytes

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > limits.UPLOAD_BYTES:
            raise StopUpload
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
