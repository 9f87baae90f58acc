"""Tags and filters of the templates: drawings, status tags, and how values are written."""

from datetime import datetime, timedelta

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from promint.dashboard.batches import in_words
from promint.dashboard.lists import Chart
from promint.dashboard.page import formats, icons, token_field, way_back, worth

register = template.Library()

register.filter("initials", formats.initials)
register.filter("duration", formats.duration)
register.filter("in_words", in_words)
register.filter("worth", worth.worth)
register.simple_tag(token_field, name="sent_once")


def _drawing(markup: str) -> SafeString:
    return mark_safe(markup)  # noqa: S308 — constants of icons.py


@register.simple_tag
def icon(name: str) -> SafeString:
    return format_html(
        '<svg class="ico" viewBox="0 0 16 16" aria-hidden="true">{}</svg>',
        _drawing(icons.ICONS[name]),
    )


@register.simple_tag
def logo() -> SafeString:
    return format_html('<svg viewBox="0 0 24 24" aria-hidden="true">{}</svg>', _drawing(icons.LOGO))


@register.simple_tag
def status_tag(status: str) -> SafeString:
    """The glyph and the word for a status of a list, a batch, a code, an attempt or an account."""
    word, glyph, colour = icons.STATUSES[status]
    return format_html(
        '<span class="tag {}"><svg viewBox="0 0 10 10" aria-hidden="true">{}</svg>{}</span>',
        colour,
        _drawing(glyph),
        word,
    )


@register.simple_tag(takes_context=True)
def as_seen(context: Context, path: str, otherwise: str = "") -> str:
    """The address of a page to which a breadcrumb leads, with the query with which the person saw
    it. `otherwise`: the query if it was not seen."""
    query = way_back.as_seen(context["request"]).get(path, otherwise)
    return f"{path}?{query}" if query else path


@register.filter
def number(value: int | None) -> str:
    return "" if value is None else formats.number(value)


@register.filter
def breakable(text: str) -> str:
    """A number of billions may go on in the next line after a comma, and not within three digits.
    Smaller ones have room in every window."""
    if text.count(",") < 3:
        return text
    return mark_safe(escape(text).replace(",", ",<wbr>"))  # noqa: S308 — escaped


@register.filter
def mail_address(text: str) -> str:
    """An e-mail address that is too long for its line goes on in the next one with its @."""
    return mark_safe(escape(text).replace("@", "<wbr>@"))  # noqa: S308 — escaped


@register.filter
def is_long(text: str) -> bool:
    """Whether a number is too long for the large digits of a stat strip."""
    return len(text) > len("100,000")


@register.filter
def counted(count: int, words: str) -> str:
    """{{ 2|counted:"code" }} is "2 codes"; {{ 2|counted:"batch,batches" }} is "2 batches"."""
    return formats.counted(count, *words.split(","))


@register.filter
def percent_of(part: int, whole: int) -> str:
    return formats.percent(part, whole)


@register.filter
def share_of(part: int, whole: int) -> str:
    """Per cent, for a drawing."""
    return f"{100 * part / whole:.1f}"


@register.filter
def pixels(value: float, further: float = 0) -> str:
    """A place or a length in a drawing."""
    return f"{value + further:.2f}"


@register.filter
def chart_step(start: datetime, chart: Chart) -> str:
    """The day or the hour of a bar."""
    if chart.span.hourly:
        return f"{formats.day(start)}, {formats.clock(start)}"
    return f"{start:%a}, {formats.day(start)}"


@register.filter
def day(moment: datetime) -> str:
    return formats.day(timezone.localtime(moment))


@register.filter
def clock(moment: datetime) -> str:
    return formats.clock(timezone.localtime(moment))


@register.filter
def day_and_clock(moment: datetime) -> str:
    return f"{day(moment)}, {clock(moment)}"


@register.filter
def nearby_day(moment: datetime) -> str:
    return formats.nearby_day(timezone.localtime(moment), timezone.localtime())


@register.filter
def zone_of(moment: datetime) -> str:
    """The zone's short name at that time; empty if the clock shows it already."""
    there = timezone.localtime(moment)
    return "" if formats.comes_twice(there) else formats.zone(there)


@register.simple_tag
def shown_zone() -> str:
    """The zone in which this page shows its times, like "America/New_York (EST)"."""
    name, short = timezone.get_current_timezone_name(), formats.zone(timezone.localtime())
    return name if name == short else f"{name} ({short})"


@register.filter
def moment(at: datetime) -> SafeString:
    """A <time> element: relative within the last hour, with the exact time as its title."""
    here = timezone.localtime(at)
    exact = f"{formats.day(here)}, {here:%H:%M:%S} {formats.zone(here)}"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        at.isoformat(timespec="seconds"),
        exact,
        formats.moment(here, timezone.localtime()),
    )


@register.filter
def until(moment: datetime) -> timedelta:
    return moment - timezone.now()


@register.filter
def cap_state(claims: int, cap: int) -> str:
    """The class of the bar that shows a cap: amber from 90 % on."""
    return "near" if claims * 10 >= cap * 9 else ""
