"""Every limit of the product, with its unit. Users find them in docs/api.md, section "Limits"."""

from datetime import UTC, datetime, timedelta

MESSAGE_CHARACTERS = 200  # of a sentence for customers
NAME_CHARACTERS = 200
BATCH_NAME_CHARACTERS = 200
OFFER_DESCRIPTION_CHARACTERS = 2_000
TAG_CHARACTERS = 64
TAGS_OF_A_LIST = 50
OFFERS_OF_A_LIST = 50
POINTS = 1_000_000_000
CODES_PER_RECIPIENT = 100
HANDED_OUT_VALID_DAYS = 3_650
HANDOUTS_OF_AN_AGENT_A_DAY = 1_000
ENTRY_CAP_CLAIMS = 10**12
BATCH_CODES = 10_000_000
NOTIFY_ADDRESSES = 20
ADDRESS_CHARACTERS = 254
CUSTOMER_CHARACTERS = 255
TYPED_CODE_CHARACTERS = 200
REASON_CHARACTERS = 500
IDEMPOTENCY_KEY_CHARACTERS = 255
JSON_BODY_BYTES = 64 * 1024
UPLOAD_BYTES = 100 * 1024 * 1024
UPLOAD_ROWS = 5_000_000
UPLOAD_WORKBOOK_BYTES = 1024**3  # of an .xlsx, unpacked
UPLOAD_WORKBOOK_PARTS = 2_000  # files inside an .xlsx
UPLOAD_SHEETS = 1_000
UPLOAD_WORKBOOK_RATIO = 500  # a part may be at most this many times larger once unpacked
UPLOAD_READER_BYTES = 1024**3  # address space of the process that reads an upload
UPLOAD_READER_SECONDS = 600  # of processor time
FILE_NAME_CHARACTERS = 255
BULK_RECIPIENTS = 1_000_000  # in one file
XLS_CODES = 1_000_000  # in one .xls export
NAMED_TO_CANCEL = 10_000  # codes in one cancellation that names them in its request
NAMED_IN_A_FILE = 100_000  # the same, if they are in a file
NAMED_TO_CANCEL_BYTES = 1024 * 1024  # of the JSON body that names them
CANCELLATIONS_UNDONE_WITHIN = timedelta(days=30)

CODE_CHARACTERS = (3, 64)  # of the canonical form
GENERATED_CHARACTERS = (8, 32)  # after the prefix
GENERATED_CHARACTERS_DEFAULT = 12
PREFIX_CHARACTERS = 12
POSSIBILITIES_PER_CODE = 1_000_000  # a format must allow this many codes for each one made

# Times a list may start or end; a day is left on each side for showing them in any zone.
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 12, 30, tzinfo=UTC)

# Guessing: this many unknown codes within the window lock a customer out.
UNKNOWN_CODES = 10
UNKNOWN_CODES_WINDOW = timedelta(minutes=10)
LOCKOUT_FIRST = timedelta(minutes=15)  # doubles with every further lockout
LOCKOUT_LONGEST = timedelta(days=1)
LOCKOUTS_FORGOTTEN_AFTER = timedelta(days=1)

ANSWERS_KEPT = timedelta(days=30)  # of claims
MANAGING_ANSWERS_KEPT = timedelta(hours=24)
EXPORTS_KEPT = timedelta(hours=24)
BULK_HANDOUTS_KEPT = timedelta(hours=24)  # who got which code, once all have theirs
UPLOADS_KEPT = timedelta(hours=24)  # of a batch that failed, so that it can be tried again
REFUSALS_KEPT_PER_CODE = 16  # rows; core.refused_attempts

PAGE_ITEMS_DEFAULT = 50
PAGE_ITEMS = 1_000

WEBHOOKS = 50
WEBHOOK_URL_CHARACTERS = 2_000
WEBHOOK_ANSWER_CHARACTERS = 2_000  # kept of what a receiver answered
OLD_SECRET_KEPT = timedelta(days=1)
DELIVERIES_KEPT = timedelta(days=7)
ENDS_SOON = timedelta(days=3)
PRINTED_CODES = 50_000  # in one file
PRINTED_COPIES = 1_000  # of one multi use code
CHOSEN_TO_PRINT = 1_000  # codes
HEADING_CHARACTERS = 80
