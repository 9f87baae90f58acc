"""Which language a customer reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promint.api import languages
from promint.core.rules import CUSTOMER_MESSAGES, Verdict

OURS = {"en", "de", "fr", "es", "it", "nl", "pt", "ja"}


def test_every_sentence_is_there_in_every_language() -> None:
    assert set(languages.SENTENCES) == OURS
    for language, sentences in languages.SENTENCES.items():
        assert set(sentences) == set(CUSTOMER_MESSAGES)
        assert all(sentences.values()), language


def test_a_sentence_tells_its_language() -> None:
    for language, sentences in languages.SENTENCES.items():
        assert {languages.of_sentence(sentence) for sentence in sentences.values()} == {language}
    assert languages.of_sentence("Something else.") is None


def test_verdicts_that_read_alike_in_english_do_so_everywhere() -> None:
    for sentences in languages.SENTENCES.values():
        assert sentences[Verdict.CAP_REACHED] == sentences[Verdict.CODE_EXPIRED]
        assert len(set(sentences.values())) == len(set(CUSTOMER_MESSAGES.values()))


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("DE-at", "de"),
        ("pt-BR,pt;q=0.9,en;q=0.8", "pt"),
        ("zh-Hant-TW, ja;q=0.5", "ja"),
        ("fr;q=0.2, nl;q=0.7", "nl"),
        ("it, es", "it"),
        ("sv, da", "en"),
        ("de;q=0, fr;q=0.1", "fr"),
        ("de;q=0", "en"),
        ("*", "en"),
        ("fr;q=0.5, *", "en"),
        ("fr, *;q=0.5", "fr"),
        ("de;q=2, fr", "fr"),
        ("de;q=high, fr;q=0.001", "fr"),
        ("fr ; q=0.3 , de ;q=0.4", "de"),
        ("deutsch, german, fr", "fr"),
        (" " * 400 + "x" * 400 + ", de", "en"),
    ],
)
def test_the_language_that_is_wanted_most_is_chosen(accepted: str, language: str) -> None:
    assert languages.chosen(accepted) == language


@given(st.text() | st.text("deq*;,=-. 01", max_size=60))
def test_whatever_is_sent_there_is_a_language(accepted: str) -> None:
    assert languages.chosen(accepted) in OURS
