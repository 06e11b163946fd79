"""`tocsin forms`: which words a word of a rule finds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from service.cli.output.terminal import console, print_json
from service.views.word_forms import WordForms, term_forms

app = typer.Typer(add_completion=False)
MAX_SHOWN = 60
"""Most forms of a word that are listed on a terminal."""


@app.command(epilog="Example: tocsin forms 'lay off' --language en")
def forms(
    text: Annotated[str, typer.Argument(metavar="WORDS", help="A word or a phrase of a rule.")],
    language: Annotated[str, typer.Option(help="The watchlist's language.")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")] = False,
) -> None:
    """Show which forms a word of a rule finds, and which it does not."""
    found = term_forms(text, language)
    if as_json:
        print_json(found)
        return
    out = console()
    for word in found.words:
        for line in _lines(word):
            out.print(line, soft_wrap=True)
    if found.also:
        out.print(f"also written {', '.join(found.also)}", soft_wrap=True)


def _lines(word: WordForms) -> Iterator[str]:
    shown = ", ".join(word.finds[:MAX_SHOWN])
    more = len(word.finds) - MAX_SHOWN
    yield f"{word.word} finds {shown}{f' and {more} more' if more > 0 else ''}"
    for missed in word.misses:
        forms = ", ".join(missed.forms[:MAX_SHOWN])
        yield f"  not the forms of “{missed.lemma}” ({forms}): write {word.word} OR {missed.lemma}"
    if word.acronym:
        yield "  capitals are an acronym, which has no other forms but its plural"
    elif word.lemma:
        yield (
            f"  and every word whose dictionary form is “{word.lemma}”; there is no list of them "
            f"for “{word.language}”: try it with tocsin explain"
        )
    elif not word.tabled:
        yield f"  there is no list of forms for “{word.language}”: try it with tocsin explain"
    elif not word.known:
        yield "  the list of forms does not have the word: write other forms with OR"
