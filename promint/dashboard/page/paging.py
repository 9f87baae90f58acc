"""Numbered pages of a collection whose size is known."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Paging:
    asked: str  # the page number in the URL
    count: int  # items in all
    per_page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // self.per_page))

    @property
    def page(self) -> int:
        """The page, from 1. A page that does not exist is replaced by the nearest one."""
        asked = int(self.asked) if self.asked.isdecimal() and len(self.asked) < 10 else 1
        return min(max(asked, 1), self.pages)

    @property
    def start(self) -> int:
        return (self.page - 1) * self.per_page

    @property
    def stop(self) -> int:
        return min(self.start + self.per_page, self.count)

    @property
    def first(self) -> int:
        """The number of the first item that is shown."""
        return min(self.start + 1, self.count)

    @property
    def previous(self) -> int | None:
        return self.page - 1 if self.page > 1 else None

    @property
    def next(self) -> int | None:
        return self.page + 1 if self.page < self.pages else None

    def numbers(self) -> Iterator[int | None]:
        """The pages to link to: the first, the last and the neighbours, with None for a gap."""
        near = {1, self.pages, *range(self.page - 1, self.page + 2)}
        last = 0
        for number in sorted(n for n in near if 1 <= n <= self.pages):
            if number > last + 1:
                yield None
            yield number
            last = number
