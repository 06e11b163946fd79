"""deploy/kubernetes: what it starts is there, may run where nothing may be root, and is scaled."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from builders.rules import load
from harness.receiver import SECRET
from service.app.role import Role
from service.settings import catalogue
from service.views.json_value import json_value
from service.web.health import LIVE, READY
from service.web.scale import RoleWork, Scale

FOLDER = Path(__file__).parents[3] / "deploy" / "kubernetes"
OVERLAYS = sorted(path.name for path in (FOLDER / "overlays").iterdir())
START = timedelta(seconds=15)
"""What a worker takes at most from its beginning to its first entry, on a machine of its own."""
built_by_kubectl = pytest.mark.skipif(
    shutil.which("kubectl") is None, reason="kubectl is not installed: it builds the overlays"
)


@cache
def built(overlay: str) -> list[dict[str, Any]]:
    """The objects that `kubectl apply -k` would send."""
    command = ["kubectl", "kustomize", str(FOLDER / "overlays" / overlay)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return list(yaml.safe_load_all(done.stdout))


def pods(overlay: str) -> Iterator[dict[str, Any]]:
    """The templates of its pods."""
    for each in built(overlay):
        if each["kind"] in {"Deployment", "StatefulSet"}:
            yield each["spec"]["template"]


def ours(overlay: str) -> Iterator[dict[str, Any]]:
    """The containers that run Tocsin."""
    for pod in pods(overlay):
        for container in pod["spec"]["containers"]:
            if container["name"] == "tocsin":
                yield container


@built_by_kubectl
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_what_is_started_is_there(overlay: str) -> None:
    """Commands, roles, settings, pages and the port."""
    known = {setting.variable for setting in catalogue()}
    containers = [*ours(overlay)]
    assert containers
    for container in containers:
        assert container["args"][:2] == ["tocsin", "run"]
        roles = [Role(word) for word in container["args"][2:] if word != "--role"]
        assert len(roles) <= 1
        assert {each["name"] for each in container["env"]} <= known
        assert container["ports"] == [{"name": "http", "containerPort": 8000}]
        probes = {name: container[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness")}
        assert {each["path"] for each in probes.values()} == {LIVE}
        assert container["readinessProbe"]["httpGet"]["path"] == READY


@built_by_kubectl
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_pods_are_restricted(overlay: str) -> None:
    """As the namespace's Pod Security asks: or the cluster would not start one of them."""
    for pod in pods(overlay):
        spec = pod["spec"]
        assert spec["securityContext"]["runAsNonRoot"]
        assert spec["securityContext"]["runAsUser"] >= 100
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not spec["automountServiceAccountToken"]
        for container in spec["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert set(container["resources"]["requests"]) == {"cpu", "memory"}
            assert "memory" in container["resources"]["limits"]
            written = {each["mountPath"] for each in container["volumeMounts"]}
            assert {"/data", "/tmp"} <= written
            for each in container["volumeMounts"]:
                assert "subPath" not in each, "what the cluster updates would not be seen"
        for volume in spec["volumes"]:
            assert {*volume} - {"name"} <= {"configMap", "secret", "emptyDir"}


@built_by_kubectl
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_selectors_find_the_pods(overlay: str) -> None:
    """Those of services, budgets and policies, and those of the namespace's names."""
    labels = [pod["metadata"]["labels"] for pod in pods(overlay)]
    for each in built(overlay):
        spec = each.get("spec", {})
        wanted = spec.get("selector") or spec.get("podSelector") or {}
        wanted = wanted.get("matchLabels", wanted)
        if each["kind"] != "NetworkPolicy" or wanted:
            found = [one for one in labels if wanted.items() <= one.items()]
            is_receivers = each["metadata"]["name"] == "tocsin-receivers"
            assert found or not wanted or is_receivers, each["metadata"]
        assert each["kind"] == "Namespace" or each["metadata"]["namespace"] == "tocsin"


@built_by_kubectl
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_rules_of_a_config_map_are_good(overlay: str) -> None:
    """With the secret that the page says how to make, and a name that a change keeps."""
    (rules,) = [each for each in built(overlay) if each["metadata"]["name"] == "tocsin-rules"]
    secrets = {"DESK_URL": "https://desk.example/hook", "DESK_SECRET": SECRET}
    found = load(rules["data"], secrets.get)
    assert found.faults == ()
    assert found.watchlists
    mounted = {
        volume["configMap"]["name"]
        for pod in pods(overlay)
        for volume in pod["spec"]["volumes"]
        if "configMap" in volume
    }
    assert mounted == {"tocsin-rules"}


@built_by_kubectl
def test_a_backlog_is_seen_in_time() -> None:
    """What a dead worker left at zero replicas is read within a minute; the numbers are those."""
    objects = built("production")
    (settings,) = [each for each in objects if each["metadata"]["name"] == "tocsin-settings"]
    reclaim = timedelta(seconds=int(settings["data"]["TOCSIN_RECLAIM_AFTER"]))
    answer = json.loads(json.dumps(json_value(Scale(*[RoleWork(1.5, 3, 0.5, True)] * 2))))
    service = next(each for each in objects if each["kind"] == "Service")
    for scaled in (each for each in objects if each["kind"] == "ScaledObject"):
        (trigger,) = scaled["spec"]["triggers"]
        polling = timedelta(seconds=scaled["spec"]["pollingInterval"])
        assert max(reclaim, polling + START) + START < timedelta(minutes=1)
        name = service["metadata"]["name"]
        assert trigger["metadata"]["url"] == f"http://{name}.tocsin.svc:8000/scale"
        role, key = trigger["metadata"]["valueLocation"].split(".")
        assert answer[role][key] == 1.5
        assert scaled["spec"]["scaleTargetRef"]["name"] == f"tocsin-{role}"
    idle = {
        each["metadata"]["name"]: each["spec"]["minReplicaCount"]
        for each in objects
        if each["kind"] == "ScaledObject"
    }
    asked = service["spec"]["selector"]["app.kubernetes.io/component"]
    assert idle[f"tocsin-{asked}"] > 0, "who answers /scale is never scaled to nothing"


@built_by_kubectl
@pytest.mark.skipif(
    find_spec("kubernetes_validate") is None,
    reason="the package kubernetes-validate is not installed: it has the schemas",
)
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_objects_are_as_the_schemas_say(overlay: str) -> None:
    """Those of Kubernetes itself, strictly: no key that it would leave out without a word."""
    kubernetes: Any = import_module("kubernetes_validate")
    for each in built(overlay):
        if re.match(r"(v1|apps/|policy/|networking\.k8s\.io/)", each["apiVersion"]):
            kubernetes.validate(each, kubernetes.latest_version(), strict=True)


CUSTOM_OBJECTS = """
import fs from "fs";
import { ScaledObject } from "@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject";
import { PodMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
const kinds = { ScaledObject, PodMonitor };
const objects = JSON.parse(fs.readFileSync(0)).filter((each) => kinds[each.kind]);
for (const each of objects) new kinds[each.kind](each).validate();
console.log(objects.length);
"""
MODELS = os.environ.get("KUBERNETES_MODELS", "")
"""A folder with these two packages in its node_modules."""


@built_by_kubectl
@pytest.mark.skipif(
    not MODELS, reason="KUBERNETES_MODELS names no folder with npm's @kubernetes-models"
)
def test_custom_objects_are_as_their_schemas_say() -> None:
    """Those of KEDA and of the Prometheus operator, as their own definitions have them."""

    def validated(objects: list[dict[str, Any]]) -> subprocess.CompletedProcess[str]:
        words = ["node", "--input-type=module", "--eval", CUSTOM_OBJECTS]
        given = json.dumps(objects)
        return subprocess.run(
            words, input=given, capture_output=True, text=True, check=False, cwd=MODELS, timeout=60
        )

    objects = built("production")
    done = validated(objects)
    assert (done.returncode, done.stdout) == (0, "3\n"), done.stderr
    wrong = deepcopy(objects)
    for each in wrong:
        each.get("spec", {}).update(pollingInterval="soon")
    assert validated(wrong).returncode
