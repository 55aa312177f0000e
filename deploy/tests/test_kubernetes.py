"""The Kubernetes objects: by their schemas, and by what they promise of each other."""

import copy
import re
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from conftest import ROOT
from models import read_pydantic

FOLDER = ROOT / "deploy/kubernetes"
#: The oldest and the newest version that the objects must be valid for.
VERSIONS = ["1.32", "1.37"]
Object = dict[str, Any]


def documents(path: Path) -> list[Object]:
    return [document for document in yaml.safe_load_all(path.read_text()) if document]


def resources(folder: Path) -> list[Object]:
    """The objects that a folder's kustomization makes, its own merge patches applied."""
    kustomization = documents(folder / "kustomization.yaml")[0]
    found: list[Object] = []
    for name in kustomization["resources"]:
        path = (folder / name).resolve()
        found += resources(path) if path.is_dir() else documents(path)
    for patch in kustomization.get("patches", []):
        for change in documents(folder / patch["path"]):
            target = next(one for one in found if key(one) == key(change))
            merge(target, change)
    return found


def key(document: Object) -> tuple[str, str]:
    return document["kind"], document["metadata"]["name"]


def merge(target: Object, change: Object) -> None:
    """Kubernetes' strategic merge as far as the patches here need it: lists of named things by name."""
    for name, value in change.items():
        old = target.get(name)
        if isinstance(old, dict) and isinstance(value, dict):
            merge(old, value)
        elif isinstance(old, list) and name in {"containers", "env"}:
            for item in value:
                same = [one for one in old if one["name"] == item["name"]]
                assert same, f"{name} {item['name']} is not there to be changed"
                merge(same[0], item)
        else:
            target[name] = copy.deepcopy(value)


BASE, FULL = resources(FOLDER), resources(FOLDER / "full")
OWN = {"apps/v1", "batch/v1", "v1", "networking.k8s.io/v1", "policy/v1", "autoscaling/v2"}


def of_kind(kind: str, objects: list[Object] = BASE) -> dict[str, Object]:
    return {one["metadata"]["name"]: one for one in objects if one["kind"] == kind}


def pods(objects: list[Object] = BASE) -> dict[str, Object]:
    """The pod of every workload, by its name."""
    workloads = of_kind("Deployment", objects) | of_kind("Job", objects)
    found = {name: one["spec"]["template"] for name, one in workloads.items()}
    scheduled = of_kind("CronJob", objects)
    return found | {name: one["spec"]["jobTemplate"]["spec"]["template"] for name, one in scheduled.items()}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("objects", [BASE, FULL], ids=["base", "full"])
def test_objects_keep_to_kubernetes_schema(objects: list[Object], version: str) -> None:
    checked = [one for one in objects if one["apiVersion"] in OWN]
    assert len(checked) >= 20
    for one in checked:
        # Newer than the oldest version's schema of a pod, and ignored there.
        kubernetes_validate.validate(one, version, strict=True)


@pytest.mark.parametrize("objects", [BASE, FULL], ids=["base", "full"])
def test_scaled_objects_keep_to_kedas_schema(objects: list[Object]) -> None:
    models = read_pydantic("cloudcoil-models-keda", "cloudcoil/models/keda/v1alpha1.py")
    scaled = of_kind("ScaledObject", objects)
    assert set(scaled) == {"worker"}
    for one in scaled.values():
        assert one["apiVersion"] == "keda.sh/v1alpha1"
        assert models.problems(one["spec"], "ScaledObjectSpec", "spec") == []


def test_pod_monitors_keep_to_the_operators_schema() -> None:
    models = read_pydantic("cloudcoil-models-prometheus-operator", "cloudcoil/models/prometheus_operator/v1.py")
    monitors = of_kind("PodMonitor")
    assert set(monitors) == {"server", "worker"}
    for one in monitors.values():
        assert one["apiVersion"] == "monitoring.coreos.com/v1"
        assert models.problems(one["spec"], "PodMonitorSpec", "spec") == []


def test_every_file_belongs_to_a_kustomization() -> None:
    for folder in [FOLDER, FOLDER / "full"]:
        kustomization = documents(folder / "kustomization.yaml")[0]
        named = {*kustomization["resources"], *(patch["path"] for patch in kustomization.get("patches", []))}
        there = {path.name for path in folder.glob("*.yaml")} - {"kustomization.yaml"}
        assert there == named - {".."}


def test_images_are_those_that_the_kustomization_names() -> None:
    named = {image["name"] for image in documents(FOLDER / "kustomization.yaml")[0]["images"]}
    used = {container["image"] for pod in pods().values() for container in pod["spec"]["containers"]}
    assert used == named == {"mecapy-server", "mecapy-worker"}


@pytest.mark.parametrize("objects", [BASE, FULL], ids=["base", "full"])
def test_pods_keep_to_the_restricted_standard(objects: list[Object]) -> None:
    """What the label of the namespace enforces: checked here, so that no pod is refused there."""
    for name, pod in pods(objects).items():
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False, name
        assert spec["securityContext"]["runAsNonRoot"] is True, name
        assert spec["securityContext"]["seccompProfile"]["type"] in {"RuntimeDefault", "Localhost"}, name
        assert not {"hostNetwork", "hostPID", "hostIPC", "volumes"} & set(spec), name
        for container in spec["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, name


def test_alive_and_ready_are_asked_apart() -> None:
    for name in ["web", "dispatcher", "worker"]:
        container = pods()[name]["spec"]["containers"][0]
        assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
        assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"


def test_every_deployment_has_a_disruption_budget_of_its_pods() -> None:
    budgets = of_kind("PodDisruptionBudget")
    for name, one in of_kind("Deployment").items():
        assert one["spec"]["selector"] == budgets[name]["spec"]["selector"]
        labels = one["spec"]["template"]["metadata"]["labels"]
        assert one["spec"]["selector"]["matchLabels"].items() <= labels.items()


def test_selectors_and_ports_of_services_and_policies_exist() -> None:
    labels = [pod["metadata"]["labels"] for pod in pods().values()]
    ports = {port["name"] for pod in pods().values() for c in pod["spec"]["containers"] for port in c.get("ports", [])}
    for service in of_kind("Service").values():
        assert any(service["spec"]["selector"].items() <= one.items() for one in labels)
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports
    for policy in of_kind("NetworkPolicy").values():
        selected = policy["spec"]["podSelector"].get("matchLabels", {})
        assert any(selected.items() <= one.items() for one in labels)
        for rule in policy["spec"].get("ingress", []) + policy["spec"].get("egress", []):
            assert {port["port"] for port in rule.get("ports", []) if isinstance(port["port"], str)} <= ports


def test_nobody_speaks_unless_a_policy_says_so() -> None:
    nothing = of_kind("NetworkPolicy")["nothing"]["spec"]
    assert nothing == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    worker = of_kind("NetworkPolicy")["worker"]["spec"]
    assert worker["ingress"] == [
        {
            "from": [{"podSelector": {"matchLabels": {"app": "dispatcher"}}}],
            "ports": [{"protocol": "TCP", "port": "http"}],
        }
    ]
    block = worker["egress"][0]["to"][0]["ipBlock"]
    assert {"10.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"} <= set(block["except"])


def test_a_worker_gets_its_tokens_digest_and_no_other_secret() -> None:
    container = pods()["worker"]["spec"]["containers"][0]
    assert "envFrom" not in container
    secrets = [one["valueFrom"]["secretKeyRef"]["key"] for one in container["env"] if "valueFrom" in one]
    assert secrets == ["MECAPY_WORKER_TOKEN_SHA256"]


@pytest.mark.parametrize("objects", [BASE, FULL], ids=["base", "full"])
def test_workers_are_scaled_by_the_queue_and_the_slots_of_a_pod(objects: list[Object]) -> None:
    scaled = of_kind("ScaledObject", objects)["worker"]["spec"]
    environment = {one["name"]: one.get("value") for one in pods(objects)["worker"]["spec"]["containers"][0]["env"]}
    trigger = scaled["triggers"][0]
    assert scaled["scaleTargetRef"]["name"] in of_kind("Deployment", objects)
    assert trigger["metadata"]["threshold"] == environment["MECAPY_WORKER_SLOTS"]
    if environment["MECAPY_SANDBOX_LEVEL"] != "full":
        assert environment["MECAPY_WORKER_SLOTS"] == "1"
    # Every metric of the query is one that the server shows; its own tests ask for them.
    shown = (ROOT / "server/src/metrics.rs").read_text()
    metrics = re.findall(r"mecapy_\w+", trigger["metadata"]["query"])
    assert len(metrics) == 2
    assert all(metric in shown for metric in metrics)


def test_deployments_that_are_scaled_name_no_number() -> None:
    """Else every apply would undo what the autoscaler did."""
    scalers = of_kind("ScaledObject") | of_kind("HorizontalPodAutoscaler")
    for scaler in scalers.values():
        assert "replicas" not in of_kind("Deployment")[scaler["spec"]["scaleTargetRef"]["name"]]["spec"]
