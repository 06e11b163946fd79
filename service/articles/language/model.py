"""What py3langid knows of the languages of each script.

Its model takes 0.4 s of CPU and 90 MB to unpack, so it is kept unpacked.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Mapping
from pathlib import Path

from service.articles.language.kept_file import Unpacked, folders, kept

WEIGHT_PARTS = 512
"""A weight of the model is a whole number of these parts of one."""
_FORMAT = 1
"""Of what is kept: another number for every change of it."""
_MOVES, _ROWS, _FEATURES = "moves", "rows", "features"
"""Of all scripts; each has weights and priors of its own."""


class Model:
    """What py3langid knows of the languages of one script."""

    def __init__(self, script: str, unpacked: Unpacked, most_bytes: int) -> None:
        import numpy as np  # noqa: PLC0415 (only what detects languages needs it)

        self.languages: list[str] = unpacked.facts[script]
        self.columns = {
            name: [at for at, each in enumerate(self.languages) if each == name]
            for name in self.languages
        }
        """Where each language stands among them: one in two scripts stands there twice."""
        parts = unpacked.parts
        self._weights = np.asarray(parts[f"{script} weights"]).reshape(-1, len(self.languages))
        self._priors = np.asarray(parts[f"{script} priors"])
        self._moves = parts[_MOVES]
        self._rows, self._features = parts[_ROWS], parts[_FEATURES]
        # A feature is in a sample as often as it has bytes, at most.
        often = np.arange(most_bytes + 1, dtype=np.float32)
        self._logarithms = np.log1p(often) / np.float32(WEIGHT_PARTS)
        self._numpy = np

    def count(self, text: bytes, state: int, counts: dict[int, int]) -> int:
        """Count the features of a text, each as often as it is there; the state after it."""
        moves, rows, features, known = self._moves, self._rows, self._features, counts.get
        for byte in text:
            state = moves[rows[state] + byte]
            feature = features[state]
            if feature >= 0:
                counts[feature] = known(feature, 0) + 1
        return state

    def odds(self, counts: Mapping[int, int], size: int) -> list[float]:
        """How likely each language is, in proportion to the likeliest, by the features of a text of
        so many bytes.
        """
        np = self._numpy
        weights = self._weights.take(np.fromiter(counts, np.intp, len(counts)), 0)
        often = self._logarithms.take(np.fromiter(counts.values(), np.intp, len(counts)))
        scores = often @ weights.astype(np.float32) + self._priors
        # As py3langid does: so that a long text is not surer than it should be.
        scores /= math.sqrt(size)
        odds: list[float] = np.exp(scores - scores.max()).tolist()
        return odds


def load_models(languages: Mapping[str, Iterable[str]], most_bytes: int) -> dict[str, Model]:
    """The model of each script, of its languages, for texts of at most so many bytes."""
    wanted = {script: sorted(names) for script, names in languages.items()}
    unpacked = kept_models(wanted, folders(__file__))
    return {script: Model(script, unpacked, most_bytes) for script in wanted}


def kept_models(wanted: Mapping[str, list[str]], places: Iterable[Path]) -> Unpacked:
    """Of each script its languages, and the numbers of all."""
    from py3langid.langid import MODEL_DIR, MODEL_FILE  # type: ignore[import-untyped]  # noqa: PLC0415

    packed = Path(MODEL_DIR, MODEL_FILE)
    given = [_FORMAT, WEIGHT_PARTS, wanted]
    found = kept("languages", places, packed, given, lambda: _unpack(packed, wanted))
    return found or _unpack(packed, wanted)


def _unpack(packed: Path, wanted: Mapping[str, list[str]]) -> Unpacked:
    import numpy as np  # noqa: PLC0415
    from py3langid.langid import LanguageIdentifier  # noqa: PLC0415 (slow)

    model = LanguageIdentifier.from_model_file(packed)
    rows = array("I", [row << 8 for row in model.tk_row])
    parts = {
        _MOVES: memoryview(model.tk_nextmove),
        _ROWS: memoryview(rows),
        _FEATURES: memoryview(array("i", model.tk_output)),
    }
    classes = {}
    for script, names in wanted.items():
        columns = [at for at, name in enumerate(model.nb_classes) if name in names]
        classes[script] = [model.nb_classes[at] for at in columns]
        # Whole numbers are eight times as fast to convert, and all weights are multiples of this.
        weights = np.ascontiguousarray(model.nb_ptc[:, columns], np.float32) * WEIGHT_PARTS
        parts[f"{script} weights"] = weights.astype(np.int16).ravel().data
        parts[f"{script} priors"] = model.nb_pc[columns].astype(np.float32).data
    return Unpacked(classes, parts)
