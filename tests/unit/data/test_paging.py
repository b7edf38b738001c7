"""Pages of lists and walking through them."""

import itertools
import pickle

import pytest

from ionworks.data.paging import Page, Slice
from ionworks.data.record_list import RecordList

Asked = list[tuple[int | None, int | None]]


class Shelf:
    """Simulates a service with numbered records and stores the requests."""

    def __init__(self, size: int, *, default: int = 3, says_total: bool = True) -> None:
        self.size = size
        self.default = default
        self.says_total = says_total
        self.asked: Asked = []

    def __call__(self, offset: int | None, limit: int | None) -> Slice[int]:
        self.asked.append((offset, limit))
        start = offset or 0
        items = range(start, min(start + (limit or self.default), self.size))
        return Slice(list(items), self.size if self.says_total else None)


def test_a_page_reads_like_a_list() -> None:
    page = Page.first(Shelf(7), limit=4, offset=1)
    assert list(page) == page.items == [1, 2, 3, 4]
    assert len(page) == page.count == 4
    assert page.total == 7
    assert page[0] == 1
    assert page[-1] == 4
    assert page[1:3] == [2, 3]
    assert isinstance(page[1:3], RecordList)
    assert 2 in page
    assert 9 not in page
    assert list(reversed(page)) == [4, 3, 2, 1]
    assert page == [1, 2, 3, 4]
    assert page != [1]
    assert page != "text"
    assert "4 of 7 records from 1" in repr(page)
    assert bool(Page([])) is False


def test_iterating_over_a_page_fetches_nothing() -> None:
    shelf = Shelf(7)
    page = Page.first(shelf)
    assert list(page) == [0, 1, 2]
    assert shelf.asked == [(None, None)]


@pytest.mark.parametrize("says_total", [True, False])
@pytest.mark.parametrize("size", [0, 1, 3, 6, 7])
def test_walking_yields_every_record_once(size: int, says_total: bool) -> None:
    page = Page.first(Shelf(size, says_total=says_total))
    assert list(page.walk()) == list(range(size))


def test_with_a_total_no_request_is_wasted() -> None:
    shelf = Shelf(6)
    assert list(Page.first(shelf, limit=3).walk()) == list(range(6))
    assert shelf.asked == [(None, 3), (3, 3)]


def test_walking_starts_where_the_page_does() -> None:
    shelf = Shelf(6)
    assert list(Page.first(shelf, limit=2, offset=3).walk()) == [3, 4, 5]
    assert shelf.asked == [(3, 2), (5, 2)]


def test_walking_is_lazy() -> None:
    shelf = Shelf(1000)
    assert list(itertools.islice(Page.first(shelf).walk(), 4)) == [0, 1, 2, 3]
    assert len(shelf.asked) == 2


def test_short_pages_lose_no_records() -> None:
    def stingy(offset: int | None, limit: int | None) -> Slice[int]:
        start = offset or 0
        return Slice(list(range(start, min(start + 2, 5))), 5)

    assert list(Page.first(stingy, limit=100).walk()) == [0, 1, 2, 3, 4]


def test_a_service_that_ignores_the_offset_ends_the_walk() -> None:
    asked: Asked = []

    def deaf(offset: int | None, limit: int | None) -> Slice[str]:
        asked.append((offset, limit))
        return Slice(["a", "b"])

    assert list(Page.first(deaf).walk()) == ["a", "b"]
    assert len(asked) == 2


def test_a_list_that_shrinks_during_the_walk_ends_it() -> None:
    answers = iter([Slice([1, 2], 6), Slice([], 2)])
    assert list(Page.first(lambda _offset, _limit: next(answers)).walk()) == [1, 2]


def test_pages_one_by_one() -> None:
    pages = list(Page.first(Shelf(7)).pages())
    assert [page.items for page in pages] == [[0, 1, 2], [3, 4, 5], [6]]
    assert [page.offset for page in pages] == [0, 3, 6]
    assert pages[-1].next() is None


def test_a_pickled_page_keeps_its_records_only() -> None:
    page = Page.first(Shelf(7))
    other = pickle.loads(pickle.dumps(page))  # noqa: S301 - our own bytes
    assert other == page
    assert list(other.walk()) == [0, 1, 2]


@pytest.mark.parametrize(
    ("window", "error", "message"),
    [
        ({"limit": 0}, ValueError, "limit must be at least 1 and at most 100, not 0"),
        ({"limit": -5}, ValueError, "limit must be at least 1"),
        ({"limit": 101}, ValueError, r"not 101; use \.walk\(\)"),
        ({"offset": -1}, ValueError, "offset must be at least 0, not -1"),
        ({"limit": 2.0}, TypeError, "limit must be a whole number, not 2.0"),
        ({"limit": True}, TypeError, "limit must be a whole number"),
        ({"offset": "3"}, TypeError, "offset must be a whole number, not '3'"),
    ],
)
def test_a_bad_window_is_rejected_before_any_request(
    window: dict[str, int], error: type[Exception], message: str
) -> None:
    shelf = Shelf(7)
    with pytest.raises(error, match=message):
        Page.first(shelf, maximum=100, **window)
    assert shelf.asked == []
