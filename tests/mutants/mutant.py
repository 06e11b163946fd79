"""One small fault: a stretch of a file and what stands there instead."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Mutant:
    """A rewrite of bytes `start` to `end` of a file."""

    path: str
    """From the root of the repository, with slashes."""
    start: int
    end: int
    text: str
    """What stands there instead."""
    kind: str
    """A key of `rewrites.yaml`, or what the module that made it calls it."""
    place: str
    """The function it is in; empty: outside of any."""

    def applied(self, source: bytes) -> bytes:
        """The file with the fault."""
        return source[: self.start] + self.text.encode() + source[self.end :]

    def lines(self, source: bytes) -> tuple[int, int]:
        """The first and the last line that it changes; the first of the file is 1."""
        first = source.count(b"\n", 0, self.start) + 1
        return first, first + source.count(b"\n", self.start, self.end)

    def change(self, source: bytes) -> tuple[str, str]:
        """The lines as they were and as they are now, each line without its indentation."""
        low = source.rfind(b"\n", 0, self.start) + 1
        high = source.find(b"\n", self.end)
        high = len(source) if high < 0 else high
        was = source[low:high]
        now = source[low : self.start] + self.text.encode() + source[self.end : high]
        return _stripped(was), _stripped(now)


def _stripped(lines: bytes) -> str:
    return "\n".join(line.strip() for line in lines.decode().split("\n"))
