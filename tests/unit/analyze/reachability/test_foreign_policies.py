"""Policies of other kinds: what one may decide otherwise is not known and it is named; what it cannot stays certain."""

from __future__ import annotations

import textwrap

import pytest

from seawall.analyze.clusters import policies_enforced
from seawall.analyze.reachability import layers
from seawall.analyze.reachability.matrix import matrix
from seawall.analyze.reachability.reach import reach
from seawall.analyze.reachability.traffic import Traffic
from seawall.check.isolation import judged
from seawall.cli.input import load_graph
from seawall.facts.demands import Reach
from seawall.facts.facts import Facts
from seawall.facts.isolation import Isolation
from seawall.facts.pod_network import ForeignPolicy
from seawall.kernel.address import Address
from seawall.kernel.units import Ports
from seawall.readers.read import facts_of

WEB, DB = (Address(f"cluster/Deployment/shop/{name}") for name in ("web", "db"))
POD = """
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {0}, namespace: shop}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: {0}}}}}
  template:
    metadata: {{labels: {{app: {0}}}}}
    spec: {{{1}containers: [{{name: {0}, image: "{0}:1", ports: [{{containerPort: 80}}]}}]}}
"""
SPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: shop}}\n"
CLOSED = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: shop}
spec: {podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress]}
"""
ADMITS = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: admits, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]
"""


def policy(type: str, spec: str, namespace: str = "shop") -> str:
    """A manifest of a policy of that type."""
    api, _, kind = type.rpartition("/")
    where = f", namespace: {namespace}" if namespace else ""
    indented = textwrap.indent(textwrap.dedent(spec).strip(), "  ")
    return f"apiVersion: {api}\nkind: {kind}\nmetadata: {{name: other{where}}}\nspec:\n{indented}\n"


@pytest.fixture
def cluster(tmp_path):
    """The facts of two workloads in one namespace and of these documents beside them."""

    def made(*documents: str, more: str = "") -> Facts:
        every = [SPACE, POD.format("web", ""), POD.format("db", more), *documents]
        (tmp_path / "all.yaml").write_text("---\n".join(every))
        return facts_of(load_graph([str(tmp_path)], None)[1])

    return made


def answer(facts: Facts) -> str:
    """What the path from web to db says, which the matrix and the layers say too."""
    path = reach(facts, Reach(WEB, DB, 80))
    asked = Traffic.of("tcp", Ports.one(80))
    for other in (layers.between(facts, WEB, DB).every, matrix(facts).between(WEB, DB)):
        assert other.ask(asked).answer is path.verdict.answer
    return str(path.verdict.answer)


CILIUM, EVERYWHERE = "cilium.io/v2/CiliumNetworkPolicy", "cilium.io/v2/CiliumClusterwideNetworkPolicy"
CALICO, GLOBAL = "projectcalico.org/v3/NetworkPolicy", "projectcalico.org/v3/GlobalNetworkPolicy"
ADMIN = "policy.networking.k8s.io/v1alpha1/AdminNetworkPolicy"
BASELINE = "policy.networking.k8s.io/v1alpha1/BaselineAdminNetworkPolicy"
AMAZONS = "networking.k8s.aws/v1alpha1/ClusterNetworkPolicy"
TO_DB = "endpointSelector: {matchLabels: {app: db}}\n"
RULE = (
    "subject: {{namespaces: {{matchLabels: {{team: shop}}}}}}\ningress: [{{action: {0}, from: [{{namespaces: {{}}}}]}}]"
)
TIER = "tier: {0}\n" + RULE.replace("{0}", "{1}")


# Each with nobody isolated, with all shut, and with web admitted by NetworkPolicies.
@pytest.mark.parametrize(
    ("type", "spec", "expected"),
    [
        (CILIUM, TO_DB + "ingress: [{fromEndpoints: [{}]}]", "unknown unknown proven"),
        (CILIUM, TO_DB + "ingressDeny: [{fromEndpoints: [{}]}]", "unknown refuted unknown"),
        (CILIUM, TO_DB + "egress: [{toEntities: [world]}]", "proven refuted proven"),
        (CILIUM, "endpointSelector: {matchLabels: {'k8s:app': web}}\ningress: [{}]", "proven refuted proven"),
        (CILIUM, "endpointSelector: {matchLabels: {'k8s:app': web}}\negress: [{}]", "unknown refuted unknown"),
        (CILIUM, "endpointSelector: {matchLabels: {'k8s:io.cilium.x': web}}\ningress: []", "unknown unknown proven"),
        (EVERYWHERE, "endpointSelector: {}\ningress: [{}]", "unknown unknown proven"),
        (EVERYWHERE, "nodeSelector: {}\ningress: [{}]", "proven refuted proven"),
        (CALICO, "selector: app == 'db'\ntypes: [Ingress]\ningress: [{action: Allow}]", "unknown unknown proven"),
        (CALICO, "selector: app == 'db'\nordr: 1\ningress: [{action: Deny}]", "unknown refuted unknown"),
        (CALICO, "selector: app == 'web' && has(app)\ningress: [{action: Allow}]", "proven refuted proven"),
        (CALICO, "selector: app in {'db'}\ningress: [{action: Pass}]", "unknown unknown unknown"),
        (GLOBAL, "selector: all()\ntypes: [Ingress]", "unknown refuted proven"),
        (GLOBAL, "tier: first\nselector: '!has(app)'\ningress: [{action: Allow}]", "proven refuted proven"),
        (GLOBAL, "tier: first\nselector: all()\ningress: [{action: Allow}]", "unknown unknown unknown"),
        (ADMIN, RULE.format("Allow"), "proven unknown proven"),
        (ADMIN, RULE.format("Deny"), "unknown refuted unknown"),
        (ADMIN, RULE.format("Pass"), "proven refuted proven"),
        (ADMIN, RULE.format("Deny").replace("team: shop", "team: other"), "proven refuted proven"),
        (BASELINE, RULE.format("Deny"), "unknown refuted proven"),
        (BASELINE, RULE.format("Allow"), "proven refuted proven"),
        (AMAZONS, TIER.format("Admin", "Accept"), "proven unknown proven"),
        (AMAZONS, TIER.format("Admin", "Deny"), "unknown refuted unknown"),
        (AMAZONS, TIER.format("Baseline", "Deny"), "unknown refuted proven"),
    ],
)
def test_each_kind_leaves_certain_what_it_cannot_decide_otherwise(cluster, type, spec, expected):
    """A kind that adds may open what is shut, one that denies may shut, a baseline where nobody isolates."""
    other = policy(type, spec, "shop" if type in (CILIUM, CALICO) else "")
    found = [answer(cluster(other, *documents)) for documents in ((), (CLOSED,), (CLOSED, ADMITS))]
    assert " ".join(found) == expected


def test_a_policy_of_another_namespace_is_about_none_of_these_pods(cluster):
    """A namespaced kind selects pods of its own namespace alone."""
    assert answer(cluster(policy(CILIUM, TO_DB + "ingress: [{}]", "other"), CLOSED)) == "refuted"


def test_what_decides_is_named_where_it_is_written(cluster):
    """The hop has the policy among its reasons, and says that it is not read."""
    path = reach(cluster(policy(CILIUM, TO_DB + "ingress: [{}]"), CLOSED), Reach(WEB, DB, 80))
    (hop,) = [hop for hop in path.hops if hop.verdict.unknown]
    assert "cluster/CiliumNetworkPolicy/shop/other is unknown (what a CiliumNetworkPolicy says is not read" in hop.says
    assert any(isinstance(reason, ForeignPolicy) for reason in hop.verdict.because)


def test_isolation_is_not_proven_by_what_another_policy_may_open(cluster):
    """A claim stays unknown; where the other policy can only deny, what shuts the way proves it still."""
    claim = Isolation.parse("web -> db never")
    verdict, lines = judged(cluster(policy(CILIUM, TO_DB + "ingress: [{}]"), CLOSED), claim)
    assert verdict.unknown
    assert any("cluster/CiliumNetworkPolicy/shop/other" in line for line in lines)
    assert judged(cluster(policy(CILIUM, TO_DB + "ingressDeny: [{}]"), CLOSED), claim)[0].proven


def test_pods_on_the_network_of_their_node_have_only_policies_of_nodes(cluster):
    """A policy for endpoints is not about them, one for nodes may be."""
    host = "hostNetwork: true, "
    assert answer(cluster(policy(CILIUM, TO_DB + "ingressDeny: [{}]"), more=host)) == "proven"
    assert answer(cluster(policy(EVERYWHERE, "nodeSelector: {}\ningressDeny: [{}]", ""), more=host)) == "unknown"


def test_a_policy_of_calicos_may_have_the_name_of_one_of_kubernetes(cluster):
    """Two kinds of one name in two groups are two objects."""
    same = policy(CALICO, "selector: all()\ningress: [{action: Allow}]").replace("name: other", "name: closed")
    assert answer(cluster(same, CLOSED)) == "unknown"


def test_where_a_plugin_has_policies_it_is_not_certain_that_nobody_enforces_any(cluster, tmp_path):
    """A cluster without a sign of a plug-in enforces nothing; a policy that only a plug-in knows is such a sign."""
    (tmp_path / "cluster.tf").write_text(
        'resource "aws_eks_cluster" "cluster" {\n  name = "cluster"\n  role_arn = "arn:aws:iam::123456789012:role/x"\n'
        '  vpc_config {\n    subnet_ids = ["subnet-1"]\n  }\n}\n'
    )
    policies = Address("cluster/NetworkPolicy/shop/closed")
    assert policies_enforced(cluster(CLOSED), policies).refuted
    assert policies_enforced(cluster(CLOSED, policy(ADMIN, RULE.format("Deny"), "")), policies).refuted
    found = policies_enforced(cluster(CLOSED, policy(CILIUM, TO_DB + "ingress: [{}]")), policies)
    assert found.unknown
    assert "CiliumNetworkPolicy" in found.because[0].what
