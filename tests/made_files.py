"""Makes files of which everything is known: which cells are codes, which are not, and which rows
have content. Nothing here uses the program that is tested."""

import csv
import io
import random
import zipfile
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

import xlwt

HEADERS = [
    *("Code", "CODES", "Coupon Code", "coupon_code", "Promo-Code", "Voucher", "Gift code"),
    *("Serial", "Gutscheincode", "Gutschein-Code", "Rabattcode", "Aktionscode", "Seriennummer"),
    *("Code promo", "Code de réduction", "Código", "Código de descuento", "Cupón", "Codice"),
    *("Codice sconto", "Kortingscode", "Actiecode", "Código promocional", "Cupom"),
]
OTHER_HEADERS = [
    *("", "No.", "Kind", "Name", "Value", "Wert (EUR, brutto)", "Status", "E-Mail", "Kunde"),
    *("Notes", "Price, net"),
]
TITLES = [
    "Codes",
    "Voucher",
    "Summer campaign 2026",
    "Partner codes, second delivery",
    "Ihre Gutscheine; viel Freude",
    "Confidential: for the shop only",
    "Codes for Ines and José",
]
NAMES = ["Anna Berg", "Bruno Tal", "José Müller", "O'Neill, Sinéad", "Łukasz"]
NOTES = ["10,00", "25.50", "Gift, small", "a; b", "x|y", "new", "", 'say "hi"', "two\nlines", "EUR"]
KINDS = ["Voucher", "Gift code"]  # headers in other files, values in these
TOTALS = ["Total", "Summe", "Totaal", "Somme"]
BAD_CODES = [
    "two\nCODES-1",
    "ABC  DEF12",
    "please give each guest one",
    "A!B2",
    "X" * 65,
    "Ä12345",
    "12,50",
    "AB1;CD2",
    "A1B2, C3D4",
    "=1+1",
    "#N/A",
    "x1",
    "-A1B2C3",
    "AB\tCD12",
]
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


@dataclass
class Line:
    """One row that was made. `kind`: title, header, data, blank, total."""

    cells: list[str]
    kind: str
    code: str | None = None  # in data rows: canonical, if the cell is a clean code


@dataclass
class Sheet:
    name: str
    lines: list[Line]
    column: int  # the column of the codes, from 0
    has_header: bool
    hidden: bool = False


@dataclass
class Made:
    """A file that was made. `numbers`: the line of each row of a text file; empty for workbooks,
    which count rows."""

    name: str
    content: bytes
    sheets: list[Sheet]
    numbers: list[int] = field(default_factory=list)


@dataclass
class Read:
    """How a file was read: the sheets by their places, and the rows as sheet, number, and
    canonical code or empty."""

    sheets: set[int]
    rows: list[tuple[int, int, str]]


def make(r: random.Random) -> Made:
    kind = r.choice(["csv", "csv", "csv", "tsv", "txt", "xlsx", "xlsx", "xls"])
    return _workbook(r, kind) if kind.startswith("xls") else _text(r, kind)


def _sheet(r: random.Random, name: str, style: tuple[int, str]) -> Sheet:
    width = r.choice([1, 1, 2, 2, 3, 5])
    column = r.randrange(width)
    header = r.random() < 0.7
    lines = [_title(r, width) for _ in range(r.choice([0, 0, 0, 1, 2, 5]) if header else 0)]
    if header:
        heads = r.sample(OTHER_HEADERS, width)
        heads[column] = r.choice(HEADERS)
        lines.append(Line(heads, "header"))
    for n in range(r.choice([1, 2, 3, 10, 40, 150])):
        if r.random() < 0.05:
            lines.append(Line([""] * width, "blank"))
        if header and n and r.random() < 0.02:
            lines.append(Line(list(heads), "header"))
        lines.append(_data(r, width, column, style, n, NOTES + KINDS if header else NOTES))
    clean = [line.code for line in lines if line.code]
    totals = [word for word in TOTALS if len(word) != style[0]]
    if len(clean) > 1 and totals and r.random() < 0.3:
        cells = [""] * width
        cells[column] = r.choice(totals)
        lines.append(Line(cells, "total"))
    return Sheet(name, lines, column, header)


def _title(r: random.Random, width: int) -> Line:
    return Line([r.choice(TITLES)] + [""] * (width - 1), "title")


def _style(r: random.Random) -> tuple[int, str]:
    return r.choice([6, 8, 10, 12]), r.choice(["", "-", "-", "_", ".", " "])


def _data(
    r: random.Random, width: int, column: int, style: tuple[int, str], n: int, notes: list[str]
) -> Line:
    length, mark = style
    plain = "".join(r.choice(ALPHABET) for _ in range(length - 1)) + r.choice("23456789")
    typed = mark.join([plain[:4], plain[4:]])
    if r.random() < 0.2:
        typed = typed.lower() if r.random() < 0.5 else f"  {typed} "
    code: str | None = plain
    if n < 2:
        pass  # each sheet has codes at its beginning
    elif r.random() < 0.08:
        typed, code = r.choice(BAD_CODES), None
    elif r.random() < 0.05:
        typed = f"'{typed.strip()}"
    elif r.random() < 0.05:
        typed = f'="{typed.strip()}"'
    elif r.random() < 0.03:
        digits = str(r.randrange(10**7, 10**8))
        typed, code = f"{digits}.0", digits
    elif r.random() < 0.03:
        typed, code = "", None
    cells = [r.choice([str(n + 1), *NAMES, *notes]) for _ in range(width)]
    cells[column] = typed
    return Line(cells, "data", code)


# Text files


def _text(r: random.Random, ending: str) -> Made:
    sheet = _sheet(r, "", _style(r))
    divider = r.choice([",", ";", "\t", "|"])
    end = r.choice(["\n", "\r\n", "\r"])
    # The csv module leaves a single line feed unquoted if other line ends are asked for.
    quoting = csv.QUOTE_ALL if end == "\r" else r.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=divider, lineterminator=end, quoting=quoting)
    told = r.random() < 0.1 and len(sheet.lines[0].cells) > 1
    if told:
        out.write(f"sep={divider}{end}")
    numbers = []
    for line in sheet.lines:
        numbers.append(_line_number(out.getvalue()))
        if line.kind in ("title", "blank") and r.random() < 0.5:
            out.write((line.cells[0] if divider not in line.cells[0] else "Codes") + end)
        else:
            writer.writerow(line.cells)
    encoding = r.choice(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "windows-1252"])
    text = out.getvalue()
    if encoding == "windows-1252":
        content = text.encode("windows-1252", "replace")
    elif encoding in ("utf-16-le", "utf-16-be") and r.random() < 0.5:
        mark = b"\xff\xfe" if encoding == "utf-16-le" else b"\xfe\xff"
        content = mark + text.encode(encoding)
    else:
        content = text.encode(encoding)
    return Made(f"codes.{ending}", content, [sheet], numbers)


def _line_number(text: str) -> int:
    return len(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


# Workbooks


def _workbook(r: random.Random, ending: str) -> Made:
    names = ["Codes", "Sheet2", "Lager", "Notes"][: r.choice([1, 1, 1, 2, 3])]
    style = _style(r)
    sheets = [_sheet(r, name, style) for name in names]
    if len(sheets) > 1 and r.random() < 0.5:
        sheets[-1].hidden = True
    if len(sheets) > 1 and r.random() < 0.5:
        sheets[0] = Sheet(names[0], [Line([title], "title") for title in TITLES[2:5]], 0, False)
    write = _xls if ending == "xls" else _xlsx
    return Made(f"codes.{ending}", write(r, sheets), sheets)


def _xls(r: random.Random, sheets: list[Sheet]) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    for sheet in sheets:
        page = book.add_sheet(sheet.name)
        page.visibility = 1 if sheet.hidden else 0
        for y, line in enumerate(sheet.lines):
            for x, cell in enumerate(line.cells):
                if cell:
                    page.write(y, x, cell)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def _xlsx(r: random.Random, sheets: list[Sheet]) -> bytes:
    file = io.BytesIO()
    prefix = r.choice(["", "", "x:"])
    shared: list[str] = []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/workbook.xml", _workbook_xml(sheets))
        book.writestr("xl/_rels/workbook.xml.rels", _relations(sheets))
        for n, sheet in enumerate(sheets, 1):
            xml = _sheet_xml(r, sheet, shared, prefix)
            encoded = xml.encode(r.choice(["utf-8", "utf-8", "utf-16"]))
            book.writestr(f"xl/worksheets/sheet{n}.xml", encoded)
        texts = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in shared)
        book.writestr("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}">{texts}</sst>')
        if r.random() < 0.2:
            book.writestr("customXml/item1.xml", "<!DOCTYPE x><x/>".encode("utf-16"))
    return file.getvalue()


def _workbook_xml(sheets: list[Sheet]) -> str:
    rows = "".join(
        f'<sheet name="{s.name}" sheetId="{n}" r:id="rId{n}"'
        + (' state="hidden"/>' if s.hidden else "/>")
        for n, s in enumerate(sheets, 1)
    )
    return f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{rows}</sheets></workbook>'


def _relations(sheets: list[Sheet]) -> str:
    rows = "".join(
        f'<Relationship Id="rId{n}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    place = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<Relationships xmlns="{place}">{rows}</Relationships>'


def _sheet_xml(r: random.Random, sheet: Sheet, shared: list[str], p: str) -> str:
    rows = []
    places = r.random() < 0.9  # some programs leave the cells' addresses out
    for y, line in enumerate(sheet.lines, 1):
        if line.kind == "blank" and places:
            continue
        cells = "".join(
            _cell(r, cell, f' r="{chr(65 + x)}{y}"' if places else "", shared, p)
            for x, cell in enumerate(line.cells)
            if cell or not places
        )
        rows.append(f"<{p}row" + (f' r="{y}"' if places else "") + f">{cells}</{p}row>")
    space = f'xmlns:x="{MAIN}"' if p else f'xmlns="{MAIN}"'
    data = "".join(rows)
    return f"<{p}worksheet {space}><{p}sheetData>{data}</{p}sheetData></{p}worksheet>"


def _cell(r: random.Random, text: str, place: str, shared: list[str], p: str) -> str:
    if not text:
        return f"<{p}c{place}/>"
    kind = r.random()
    if text.isdecimal() and text[0] != "0" and kind < 0.5:
        return f"<{p}c{place}><{p}v>{text}</{p}v></{p}c>"
    if kind < 0.4:
        inner = f'<{p}t xml:space="preserve">{escape(text)}</{p}t>'
        return f'<{p}c{place} t="inlineStr"><{p}is>{inner}</{p}is></{p}c>'
    if kind < 0.5:
        value = f'<{p}v xml:space="preserve">{escape(text)}</{p}v>'
        return f'<{p}c{place} t="str"><{p}f>A1</{p}f>{value}</{p}c>'
    shared.append(text)
    return f'<{p}c{place} t="s"><{p}v>{len(shared) - 1}</{p}v></{p}c>'


# What a reader makes of such a file.


def faults(made: Made, read: Read | None) -> list[str]:
    """What is wrong with the rows that a reader found; None if it asks a person."""
    if read is None:
        return []
    planted = {line.code for sheet in made.sheets for line in sheet.lines if line.code}
    live = [(s, n, value) for s, n, value in read.rows if value and value not in planted]
    wrong = [f"live though nobody put it there as a code: {one}" for one in live]
    for place, sheet in enumerate(made.sheets):
        rows = {number: value for s, number, value in read.rows if s == place}
        count = sum(1 for s, *_ in read.rows if s == place)
        if count != len(rows):
            wrong.append(f"sheet {place}: a row is there twice")
        if place not in read.sheets:
            if sheet.has_header and not sheet.hidden:
                wrong.append(f"sheet {place} is left out, though it has a known header")
            continue
        if sheet.hidden:
            wrong.append(f"sheet {place} is hidden and was read")
        wrong += _faults_of_rows(sheet, made.numbers or list(range(1, len(sheet.lines) + 1)), rows)
    return wrong


def _faults_of_rows(sheet: Sheet, numbers: list[int], rows: dict[int, str]) -> list[str]:
    heads = [place for place, line in enumerate(sheet.lines) if line.kind == "header"]
    begin = heads[0] + 1 if heads else 0
    lines = dict(zip(numbers[begin:], sheet.lines[begin:], strict=True))
    filled = {
        number
        for number, line in lines.items()
        if line.kind != "header" and any(cell.strip() for cell in line.cells)
    }
    wrong = [f"row {number} is not accounted for" for number in sorted(filled - set(rows))]
    wrong += [f"row {number} does not exist" for number in sorted(set(rows) - filled)]
    wrong += [
        f"row {number}: {line.cells} is not the code {line.code}"
        for number, line in lines.items()
        if line.code and rows.get(number, line.code) != line.code
    ]
    return wrong
