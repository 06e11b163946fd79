"""Which language an article is in: its tag, and a guess where nothing says it."""

from service.articles.language.detection import detect_language, language_tag

__all__ = ["detect_language", "language_tag"]
