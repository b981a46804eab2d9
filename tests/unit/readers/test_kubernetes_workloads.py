"""Workloads: what a pod template says, with the API server's defaults."""

from __future__ import annotations

from typing import Any

import pytest

from kubernetes_cluster import CLUSTER, thing
from seawall.facts.compute import (
    Claims,
    Confined,
    Container,
    Environment,
    Mounts,
    Probe,
    Spread,
    Workload,
)
from seawall.facts.delivery import Analysis, Shift, Step
from seawall.facts.demands import Hold, Mount, Pull, Schedule
from seawall.facts.facts import Facts
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import SECRET, Ref, Unknown
from seawall.readers.read import read


def facts(*resources: Resource) -> Facts:
    """The facts of these objects."""
    return read(Graph(resources))


def address(kind: str, name: str, namespace: str = "petclinic") -> Address:
    """An address in the test's cluster."""
    return Address.kubernetes(CLUSTER, kind, namespace, name)


def deployment(spec: dict[str, Any] | None = None, *, container: dict[str, Any] | None = None, **more: Any) -> Resource:
    """A Deployment named ``was`` whose pods have the label ``app: was``."""
    pod = {"containers": [{"name": "was", "image": "was:1"} | (container or {})]} | (spec or {})
    template = {"metadata": {"labels": {"app": "was"}}, "spec": pod}
    return thing("apps/v1", "Deployment", "was", spec={"template": template} | more)


def test_defaults_of_a_deployment() -> None:
    """A Deployment that says nothing rolls, runs as the default account and waits 30 seconds; replicas stay open."""
    found = facts(deployment())
    assert found.all(Workload) == (
        Workload(
            address("Deployment", "was"),
            Address.kubernetes(CLUSTER, "Namespace", "", "petclinic"),
            (("app", "was"),),
            address("ServiceAccount", "default"),
            "Deployment",
            None,
            "RollingUpdate",
            30,
            False,
        ),
    )
    assert found.all(Schedule) == (Schedule(address("Deployment", "was"), 1, 1),)
    assert found.all(Pull) == (Pull(address("Deployment", "was"), "was:1"),)


def test_replicas_that_are_written_are_a_fact() -> None:
    """A number of replicas in the manifest is told from an open one: an autoscaler would fight over it."""
    assert facts(deployment(replicas=3)).all(Workload)[0].replicas == 3
    assert facts(deployment(replicas=0)).all(Schedule) == ()


def test_a_limit_is_the_request_where_none_is_made() -> None:
    """The API server takes a limit for the request of the same resource, and leaves a written request alone."""
    resources = {"limits": {"cpu": 1, "memory": "1Gi"}, "requests": {"memory": "512Mi"}}
    (container,) = facts(deployment(container={"resources": resources})).all(Container)
    assert container.requests == (("cpu", "1"), ("memory", "512Mi"))
    assert container.limits == (("cpu", "1"), ("memory", "1Gi"))


@pytest.mark.parametrize(
    ("pod", "own", "root"),
    [
        ({"runAsNonRoot": True}, {}, False),
        ({"runAsUser": 1000}, {}, False),
        ({"runAsUser": 1000}, {"runAsUser": 0}, True),
        ({"runAsNonRoot": True}, {"runAsUser": 0}, True),
        ({}, {"runAsUser": 10, "runAsNonRoot": False}, False),
    ],
)
def test_who_runs_as_root(pod: dict[str, Any], own: dict[str, Any], root: bool) -> None:
    """A container's own security context goes before its pod's, and a user's number before a promise."""
    found = facts(deployment({"securityContext": pod}, container={"securityContext": own}))
    assert found.all(Confined)[0].runs_as_root is root


def test_without_a_user_the_image_decides_who_is_root() -> None:
    """Where nobody says, root is unknown, and a container may escalate and write its own files."""
    (confined,) = facts(deployment()).all(Confined)
    assert isinstance(confined.runs_as_root, Unknown)
    assert (confined.privileged, confined.escalates, confined.read_only) == (False, True, False)


def test_a_privileged_container_escalates_whatever_it_says() -> None:
    """Privileged containers gain privileges even where the field says otherwise."""
    context = {"privileged": True, "allowPrivilegeEscalation": False}
    assert facts(deployment(container={"securityContext": context})).all(Confined)[0].escalates


def test_probes_with_their_defaults() -> None:
    """A probe asks every ten seconds, three times, for one second; its means is told by its path."""
    container = {
        "livenessProbe": {"httpGet": {"port": 8080}},
        "readinessProbe": {"tcpSocket": {"port": "http"}, "periodSeconds": 5},
        "startupProbe": {"exec": {"command": ["true"]}, "failureThreshold": 60},
    }
    of = address("Deployment", "was")
    assert facts(deployment(container=container)).all(Probe) == (
        Probe(of, "was", "liveness", "/", 8080),
        Probe(of, "was", "readiness", "tcp", "http", period=5),
        Probe(of, "was", "startup", "exec", 0, failures=60),
    )


def test_environment_values_secrets_and_expansion() -> None:
    """Plain values expand earlier ones, secrets are held by key, and a ConfigMap's key is a reference to it."""
    container = {
        "envFrom": [{"configMapRef": {"name": "c"}}, {"secretRef": {"name": "s"}, "prefix": "S_"}],
        "env": [
            {"name": "HOST", "value": "db"},
            {"name": "URL", "value": "jdbc:$(HOST) $$(HOST) $(NOBODY)"},
            {"name": "K", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
            {"name": "O", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k", "optional": True}}},
            {"name": "C", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "k"}}},
        ],
    }
    found = facts(deployment(container=container))
    of, config, secret = address("Deployment", "was"), address("ConfigMap", "c"), address("Secret", "s")
    assert found.all(Environment) == (
        Environment(of, "was", "*", Ref(config, "data")),
        Environment(of, "was", "S_*", secret=(secret, "*")),
        Environment(of, "was", "HOST", "db"),
        Environment(of, "was", "URL", "jdbc:db $(HOST) $(NOBODY)"),
        Environment(of, "was", "K", secret=(secret, "k")),
        Environment(of, "was", "C", Ref(config, "data.k")),
    )
    assert found.all(Hold) == (Hold(of, secret, "*", "env"), Hold(of, secret, "k", "env"))


def test_a_password_in_clear_is_never_kept() -> None:
    """The value of a variable that is named like a secret becomes an Unknown, also where another one repeats it."""
    env = [{"name": "DB_PASSWORD", "value": "hunter2"}, {"name": "URL", "value": "//u:$(DB_PASSWORD)@db"}]
    found = facts(deployment(container={"env": env}))
    assert "hunter2" not in repr(list(found))
    assert found.all(Environment)[0].value == Unknown(
        f"{address('Deployment', 'was')}.spec.template.spec.containers.0.env.0.value", why=SECRET
    )


def test_volumes_are_mounted_and_secrets_in_them_held() -> None:
    """Claims are mounted and must be mountable; a secret's listed items are held, all of it where none is listed."""
    volumes = [
        {"name": "a", "persistentVolumeClaim": {"claimName": "data"}},
        {"name": "b", "secret": {"secretName": "s", "items": [{"key": "k", "path": "k"}]}},
        {"name": "c", "projected": {"sources": [{"secret": {"name": "t"}}, {"configMap": {"name": "c"}}]}},
        {"name": "d", "emptyDir": {}},
    ]
    found = facts(deployment({"volumes": volumes}))
    of = address("Deployment", "was")
    assert [mounts.volume for mounts in found.all(Mounts)] == [
        address("PersistentVolumeClaim", "data"),
        address("Secret", "s"),
        address("Secret", "t"),
        address("ConfigMap", "c"),
    ]
    assert found.all(Mount) == (Mount(of, address("PersistentVolumeClaim", "data"), ""),)
    assert {(hold.secret, hold.key) for hold in found.all(Hold)} == {
        (address("Secret", "s"), "k"),
        (address("Secret", "t"), "*"),
    }


def test_spread_counts_only_where_it_selects_its_own_pods() -> None:
    """A constraint that selects other pods, or none, does not keep these apart."""
    own, other = {"matchLabels": {"app": "was"}}, {"matchLabels": {"app": "web"}}
    zone, host = "topology.kubernetes.io/zone", "kubernetes.io/hostname"
    terms = [{"topologyKey": host, "labelSelector": own}, {"topologyKey": zone, "labelSelector": other}]
    spec = {
        "topologySpreadConstraints": [
            {"topologyKey": zone, "maxSkew": 2, "labelSelector": own},
            {"topologyKey": host, "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": own},
            {"topologyKey": zone, "maxSkew": 1},
        ],
        "affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}},
    }
    of = address("Deployment", "was")
    assert facts(deployment(spec)).all(Spread) == (
        Spread(of, zone, True, 2),
        Spread(of, host, False, 1),
        Spread(of, host, True, 1, alone=True),
    )


def test_claim_templates_imply_claims() -> None:
    """A StatefulSet's claim template is a claim of its own and is mounted."""
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    templates = [{"metadata": {"name": "data"}, "spec": claim}]
    found = facts(thing("apps/v1", "StatefulSet", "redis", spec={"replicas": 3, "volumeClaimTemplates": templates}))
    volume = address("StatefulSet", "redis").implied("data")
    assert found.all(Claims) == (Claims(volume, "1Gi", "", ("ReadWriteOnce",)),)
    assert found.all(Schedule) == (Schedule(address("StatefulSet", "redis"), 3, 3),)


def test_a_cron_job_is_read_as_its_job() -> None:
    """The pods of a CronJob are those of the Job it starts."""
    pod = {"spec": {"containers": [{"name": "b", "image": "backup:1"}], "restartPolicy": "Never"}}
    job = {"spec": {"template": pod, "parallelism": 2}}
    found = facts(thing("batch/v1", "CronJob", "backup", spec={"schedule": "0 3 * * *", "jobTemplate": job}))
    assert found.all(Workload)[0].replicas == 2
    assert found.all(Container)[0].image == "backup:1"


def rollout(strategy: dict[str, Any]) -> Resource:
    """A Rollout named ``was`` that refers to a Deployment for its pods."""
    return thing("argoproj.io/v1alpha1", "Rollout", "was", spec={"workloadRef": {"name": "was"}, "strategy": strategy})


def test_a_canary_goes_step_by_step() -> None:
    """Steps, the router and both Services are one fact; a pause may be seconds, a duration, or for ever."""
    canary = {
        "stableService": "s",
        "canaryService": "c",
        "trafficRouting": {"alb": {"ingress": "www", "servicePort": 80}},
        "steps": [{"setWeight": 10}, {"pause": {"duration": "1m30s"}}, {"pause": {"duration": 20}}, {"pause": {}}],
    }
    assert facts(rollout({"canary": canary})).all(Shift) == (
        Shift(
            address("Rollout", "was"),
            (Step(weight=10), Step(pause=90), Step(pause=20), Step(waits=True)),
            address("Ingress", "www"),
            address("Service", "s"),
            address("Service", "c"),
        ),
    )


def test_two_things_in_one_step_stay_visible() -> None:
    """A list item that sets a weight and pauses, which the controller refuses, shows both in one step."""
    steps = [{"setWeight": 10, "pause": {"duration": "30s"}}]
    (shift,) = facts(rollout({"canary": {"steps": steps}})).all(Shift)
    assert shift.steps == (Step(weight=10, pause=30),)
    assert shift.router is None


def test_a_release_says_what_looks_at_it() -> None:
    """Templates in the background, in a step and of the whole cluster are named once each; bluegreen has its own."""
    named = {"templates": [{"templateName": "errors"}, {"templateName": "slow", "clusterScope": True}]}
    steps = [{"setWeight": 10}, {"analysis": {"templates": [{"templateName": "errors"}]}}]
    (shift,) = facts(rollout({"canary": {"analysis": named, "steps": steps}})).all(Shift)
    assert shift.analyses == (
        address("AnalysisTemplate", "errors"),
        address("ClusterAnalysisTemplate", "slow", namespace=""),
    )
    blue = {"activeService": "a", "previewService": "p", "prePromotionAnalysis": named}
    (shift,) = facts(rollout({"blueGreen": blue})).all(Shift)
    assert len(shift.analyses) == 2


def _analysis(**spec: Any) -> Analysis:
    (found,) = facts(thing("argoproj.io/v1alpha1", "AnalysisTemplate", "errors", spec=spec)).all(Analysis)
    return found


def test_an_analysis_judges_by_what_it_has_a_condition_for() -> None:
    """A metric without a condition, under dryRun or with every failure tolerated decides nothing."""
    asked = {"provider": {"prometheus": {"query": "sum(failed)"}}}
    metrics = [
        {"name": "judged", "successCondition": "result[0] < 1", **asked},
        {"name": "watched", **asked},
        {"name": "never", "failureCondition": "false", **asked},
        {"name": "dry", "successCondition": "result[0] < 1", **asked},
        {"name": "tolerant", "successCondition": "result[0] < 1", "failureLimit": -1, **asked},
        {"name": "job", "provider": {"job": {"spec": {}}}},
    ]
    found = _analysis(metrics=metrics, dryRun=[{"metricName": "dry"}])
    assert found.metrics == ("judged", "watched", "never", "dry", "tolerant", "job")
    assert found.judging == ("judged", "job")


def test_an_analysis_of_others_is_left_open() -> None:
    """It has their metrics, too, and nothing says here what those are."""
    assert isinstance(_analysis(metrics=[], templates=[{"templateName": "other"}]).judging, Unknown)


def test_fields_of_a_wrong_type_are_no_crash() -> None:
    """A body whose parts are of the wrong type reads as far as it goes: the API server would refuse it anyway."""
    for spec in ({"containers": "x"}, {"containers": [1, {"name": ["a"]}]}, {"volumes": {"a": 1}}):
        assert len(facts(deployment(spec))) > 0
    assert len(facts(thing("apps/v1", "Deployment", "was", spec=7))) > 0
