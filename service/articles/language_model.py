"""What py3langid knows of the languages of each script, and the file that keeps it unpacked.

Its model is packed, and takes 0.4 s of CPU and 90 MB to unpack. That is done once on a machine: the
file is next to the source, like Python's own compiled files, or in the user's cache if that place
is not writable. It is mapped into memory, where processes share it. Where no place is writable,
each process unpacks the model for itself.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import sys
import tempfile
from array import array
from collections.abc import Iterable, Iterator, Mapping
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import NamedTuple

WEIGHT_PARTS = 512
"""A weight of the model is a whole number of these parts of one."""
_FORMAT = 1
"""Of the file."""
_SIZE_BYTES = _ALIGNED = 64
"""The file begins with the size of its header in so many digits, and each part begins at a multiple
of it."""
_MOVES, _ROWS, _FEATURES = "moves", "rows", "features"

Parts = Mapping[str, memoryview]
"""Whole numbers, by name: the moves of all scripts, and the weights and priors of each."""


class _Unpacked(NamedTuple):
    """A model of which only the languages of some scripts are left."""

    classes: Mapping[str, list[str]]
    """Of each script the languages of its columns."""
    parts: Parts


class Model:
    """What py3langid knows of the languages of one script."""

    def __init__(self, script: str, unpacked: _Unpacked, most_bytes: int) -> None:
        import numpy as np  # noqa: PLC0415 (only what detects languages needs it)

        self.languages = unpacked.classes[script]
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
    unpacked = kept_or_unpacked(wanted, folders())
    return {script: Model(script, unpacked, most_bytes) for script in wanted}


def folders() -> Iterator[Path]:
    """Where the file may be, the first that will do before others."""
    yield Path(__file__).with_name("__pycache__")
    with contextlib.suppress(RuntimeError):  # a user without a home
        yield Path.home() / ".cache" / "tocsin"


def kept_or_unpacked(wanted: Mapping[str, list[str]], places: Iterable[Path]) -> _Unpacked:
    """The model from a file in one of these folders; else unpacked, and kept there if possible."""
    from py3langid.langid import MODEL_DIR, MODEL_FILE  # type: ignore[import-untyped]  # noqa: PLC0415

    packed = Path(MODEL_DIR, MODEL_FILE)
    stamp = hashlib.blake2b(packed.read_bytes(), digest_size=8)
    stamp.update(json.dumps([_FORMAT, sys.byteorder, WEIGHT_PARTS, wanted]).encode())
    files = [folder / f"languages-{stamp.hexdigest()}" for folder in places]
    for file in files:
        with contextlib.suppress(OSError, ValueError):
            return _read(file)
    unpacked = _unpack(packed, wanted)
    for file in files:
        with contextlib.suppress(OSError):
            _write(file, unpacked)
            break
    return unpacked


def _unpack(packed: Path, wanted: Mapping[str, list[str]]) -> _Unpacked:
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
    return _Unpacked(classes, parts)


def _write(file: Path, unpacked: _Unpacked) -> None:
    """Keep the model in a file, which is whole as soon as it is there. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    sizes = {name: (part.format, part.nbytes) for name, part in unpacked.parts.items()}
    header = json.dumps([unpacked.classes, sizes]).encode()
    with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as written:
        own = Path(written.name)
        try:
            written.write(b"%*d" % (_SIZE_BYTES, len(header)))
            for part in (memoryview(header), *unpacked.parts.values()):
                written.write(part.cast("B"))
                written.write(bytes(-written.tell() % _ALIGNED))
            written.flush()
            own.chmod(0o644)  # who builds an image is not who runs it
            own.replace(file)
        except OSError:
            own.unlink()
            raise


def _read(file: Path) -> _Unpacked:
    """The model in a file. Raises OSError, and ValueError where a part of it is missing."""
    with file.open("rb") as opened:
        block = memoryview(mmap(opened.fileno(), 0, access=ACCESS_READ))
    at = _SIZE_BYTES + int(bytes(block[:_SIZE_BYTES]))
    classes, sizes = json.loads(bytes(block[_SIZE_BYTES:at]))
    parts = {}
    for name, (kind, size) in sizes.items():
        at += -at % _ALIGNED
        parts[name] = block[at : at + size].cast(kind)
        at += size
    if at + -at % _ALIGNED != len(block):
        raise ValueError(f"{file} is not whole")
    return _Unpacked(classes, parts)
