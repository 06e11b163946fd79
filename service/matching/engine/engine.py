"""A compiled set of queries against articles: which match, how well, with what proof."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING

from service.matching.engine.compile import CompiledQueries, compile_queries
from service.matching.evaluation.article_index import ArticleIndex
from service.matching.evaluation.evidence import evidence
from service.matching.evaluation.judge import Match, Verdict, judge
from service.matching.query import Query
from service.matching.syntax.tree import Style, Term

if TYPE_CHECKING:
    from service.articles.article import Article
    from service.matching.engine.matcher import Matcher
    from service.matching.engine.scorer import Scorer

MAX_FORMS = 1_000_000
"""Most surface forms that are remembered for each language, besides those of the rules. When there
are more, all but those of the rules are forgotten."""
MULTIPLIER = 0x9E3779B97F4A7C15
"""Spreads the hashes of words: 2**64 divided by the golden ratio (Knuth, TAOCP 6.4). With 0, all
words have the same hash; a test uses that."""


class Engine:
    """An immutable set of queries; may be used from any number of threads at once."""

    def __init__(
        self,
        compiled: CompiledQueries | Callable[[], CompiledQueries],
        query: Callable[[int], Query],
        *,
        max_forms: int = MAX_FORMS,
        multiplier: int = MULTIPLIER,
    ) -> None:
        """`query` gives the query of a number, as `compile_queries` was given them.

        `compiled` may be a function, which is called before the first article is matched.
        """
        self._compiled = compiled
        self._query = query
        self._max_forms = max_forms
        self._multiplier = multiplier

    @classmethod
    def from_queries(cls, queries: Sequence[Query]) -> Engine:
        """An engine that keeps these queries: for few of them."""
        return cls(compile_queries(queries), queries.__getitem__)

    @cached_property
    def _queries(self) -> CompiledQueries:
        given = self._compiled
        return given() if callable(given) else given

    @cached_property
    def matcher(self) -> Matcher:
        """What runs the queries."""
        # The import takes half a second and 80 MB; commands that match nothing do not need it.
        from service.matching.engine.matcher import Matcher  # noqa: PLC0415

        return Matcher(self._queries, max_forms=self._max_forms, multiplier=self._multiplier)

    @cached_property
    def _scorer(self) -> Scorer:
        from service.matching.engine.scorer import Scorer  # noqa: PLC0415  imports the same

        return Scorer(self.matcher, self._queries, self._query)

    def prepare(self) -> None:
        """Loads and compiles everything that the first article would otherwise wait for."""
        self.matcher.prepare()
        self._scorer.prepare()

    def prepare_language(self, language: str) -> None:
        """The same for articles of another language (a tag), which may take seconds."""
        self.matcher.prepare(language.partition("-")[0])

    def is_prepared(self, language: str) -> bool:
        """Whether an article of this language (a tag) waits for nothing more than others do.

        The first article of an engine that was not prepared waits for everything.
        """
        made: Matcher | None = self.__dict__.get("matcher")
        return made is None or made.is_prepared(language)

    def match(self, article: Article, *, max_evidence: int) -> list[Match]:
        """The queries that `article` matches, in their order, scored and with their proof.

        Raises RuntimeError where the engine and the plain evaluator disagree.
        """
        (numbers,) = self.matching_queries([article])
        return self.score_matches(article, numbers, max_evidence=max_evidence)

    def score_matches(
        self, article: Article, numbers: Sequence[int], *, max_evidence: int
    ) -> list[Match]:
        """The matches among what `matching_queries` returned for an article; see `score_batch`."""
        return self.score_batch([article], [numbers], max_evidence=max_evidence)[0]

    def score_batch(
        self, articles: Sequence[Article], numbers: Sequence[Sequence[int]], *, max_evidence: int
    ) -> list[list[Match]]:
        """For each article the matches among what `matching_queries` returned.

        Raises RuntimeError where the engine and the plain evaluator disagree.
        """
        if not any(numbers):
            return [[] for _ in articles]
        return self._scorer.matches(
            articles, numbers, partial(self._plainly, max_evidence), max_evidence=max_evidence
        )

    def score_plainly(
        self, article: Article, numbers: Sequence[int], *, max_evidence: int
    ) -> list[Match]:
        """The same by the plain evaluator, which needs ten times as long: the kernels' oracle."""
        judged = map(self._plainly(max_evidence, article), numbers)
        return [match for match in judged if match is not None]

    def _plainly(self, max_evidence: int, article: Article) -> Callable[[int], Match | None]:
        """Judges queries by their number; the article is read when the first one is asked for."""
        index: list[ArticleIndex] = []

        def match(number: int) -> Match | None:
            if not index:
                index.append(ArticleIndex(article))
            judgement = judge(self._query(number), index[0])
            if judgement.score is None or judgement.verdict is Verdict.EXCEPTED:
                raise RuntimeError(
                    f"the engine and the evaluator disagree on {judgement.query.id} and article "
                    f"{article.id}: this is a fault in Tocsin"
                )
            if judgement.verdict is not Verdict.MATCHED:
                return None
            proof = evidence(judgement.result, index[0], max_evidence)
            return Match(judgement.query.id, judgement.score, proof)

        return match

    def matching_queries(self, articles: Sequence[Article]) -> list[array[int]]:
        """For each article the numbers of the queries that hold and are not excepted.

        The kernels run without the GIL.
        """
        return self.matcher.matching_queries(articles)

    def tokenise_only(self, articles: Sequence[Article]) -> int:
        """Reads and looks up all words, and does no more; returns how many words there are.

        Public for benchmarks: matching cannot be faster than this.
        """
        return self.matcher.tokenise_only(articles)

    def remembered_forms(self) -> int:
        """How many surface forms are remembered, in all languages.

        Public for tests of `MAX_FORMS`: memory must not grow with the articles.
        """
        return self.matcher.remembered_forms()

    def word_counts(self) -> tuple[dict[str, int], int]:
        """In how many articles the rules' words occurred, and how many articles there were."""
        return self.matcher.word_counts()


def prepare() -> None:
    """Compiles the kernels (twenty seconds), or loads them if they were compiled before."""
    Engine.from_queries([Query("", Term(("word",), Style.INFLECTED, "word"), "en")]).prepare()
