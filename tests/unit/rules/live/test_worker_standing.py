"""What other workers see of this one's rules files."""

from __future__ import annotations

from typing import Any

import pytest

from service.rules.in_force.state import WorkerRules
from service.rules.live.agreement import Agreement


@pytest.mark.parametrize(
    ("leads", "refused", "standing"),
    [
        (True, "", "in force"),
        (False, "", "follows"),
        (True, "too few", "refused"),
        (False, "too few", "refused"),
    ],
)
def test_a_worker_says_how_its_files_stand(leads: bool, refused: str, standing: str) -> None:
    """As many faults as were found last, until they are looked for again."""
    nobody: Any = None  # what is said is sent with the next claim
    agreement = Agreement(nobody, "w", "/etc/rules", WorkerRules())
    agreement.say(leads=True, refused="", faults=3)
    agreement.say(leads=leads, refused=refused)
    said = agreement.said
    assert (said.standing, said.problem, said.faults) == (standing, refused, 3)
    agreement.say(leads=True, refused="", faults=0)
    assert agreement.said.faults == 0
