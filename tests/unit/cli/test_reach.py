"""`seawall reach`: a path with the rules that decide it, kind words for names, and JSON that keeps to its schema."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

import pytest

from seawall.analyze.reachability.traffic import Traffic
from seawall.cli import input as cli_input
from seawall.cli import reach_matrix
from seawall.cli.main import main
from seawall.kernel.units import Ports
from seawall.render.reachability.table import Cell, Table


def mistakes(name, document):
    """What a document has against the schema of that name."""
    import jsonschema

    schema = json.loads(files("seawall.schemas").joinpath(f"{name}.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(document)]


@pytest.fixture(autouse=True)
def shipped_once(monkeypatch):
    """What ships is expanded once for all these tests; anything else is read as the command reads it."""
    whole = cli_input.load_graph

    def load_graph(spellings, environment, cluster=None):
        known = spellings == ["petclinic"] and cluster is None
        return _shipped(whole, environment) if known else whole(spellings, environment, cluster)

    monkeypatch.setattr(cli_input, "load_graph", load_graph)


@cache
def _shipped(whole, environment):
    return whole(["petclinic"], environment)


def asked(capsys, *words):
    """The exit status of ``reach`` and what it printed."""
    status = main(["reach", *words])
    return status, capsys.readouterr()


def test_a_path_that_is_open_names_the_rules_that_let_it_through(capsys):
    """Each hop with the resource that says it and the line that made it."""
    status, said = asked(capsys, "petclinic", "--from", "was", "--to", "petclinic-db", "--port", "3306")
    assert status == 0
    assert said.out.startswith("open: petclinic-production/Rollout/petclinic/was to ap-northeast-2/data:aws_db_")
    assert "aws_vpc_security_group_ingress_rule.petclinic_db_from_nodes" in said.out
    assert "petclinic/platform.yaml:" in said.out


def test_a_path_that_is_blocked_names_the_first_hop_that_says_no(capsys):
    """The web tier has no need of the database, so the first no is its own policy's."""
    status, said = asked(
        capsys, "petclinic", "--from", "web", "--to", "petclinic-db", "--port", "3306", "--format", "json"
    )
    assert status == 1
    (path,) = json.loads(said.out)["paths"]
    assert path["answer"] == "blocked"
    hop = path["hops"][path["blocked_at"]]
    assert hop["kind"] == "egress policy"
    assert "petclinic-production/NetworkPolicy/petclinic/web" in [rule["address"] for rule in hop["rules"]]
    assert all(rule["origin"]["line"] for rule in hop["rules"])


@pytest.mark.needs("jsonschema")
@pytest.mark.parametrize("source", ["was", "web"])
def test_the_json_of_a_path_keeps_to_its_schema(capsys, source):
    """An open path and a blocked one."""
    _, said = asked(capsys, "petclinic", "--from", source, "--to", "petclinic-db", "--format", "json")
    assert mistakes("reach", json.loads(said.out)) == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--from", "web", "--to", "petclinik-db"), "did you mean petclinic-db"),
        (("--from", "wep", "--to", "petclinic-db"), "did you mean web"),
        (("--from", "web", "--to", "main"), "may be any of"),
        (("--from", "web", "--to", ""), "nothing of that name"),
        (("--from", "web", "--to", "..."), "nothing of that name"),
        (("--from", "web", "--to", "a\x01.b"), "nothing of that name"),
        (("--from", "web", "--to", "a." * 3000), "a....'"),
        (("--from", "web", "--to", "sessions-nodes"), "it listens on 6379, 26379"),
        (
            (
                "--from",
                "web",
            ),
            "--to is missing",
        ),
        (
            (
                "--to",
                "web",
            ),
            "--from is missing",
        ),
    ],
)
def test_what_means_nothing_or_too_much_is_said_with_what_was_meant(capsys, words, says):
    """One message, exit status 2, nothing on stdout."""
    status, said = asked(capsys, "petclinic", *words)
    assert (status, said.out) == (2, "")
    assert says in said.err


def test_without_an_input_the_description_of_the_working_folder_is_meant(capsys, tmp_path, monkeypatch):
    """As the issue writes it: no INPUT beside a platform.yaml; and a clear word where there is none."""
    monkeypatch.chdir(tmp_path)
    status, said = asked(capsys, "--from", "web", "--to", "petclinic-db", "--port", "3306")
    assert status == 2
    assert "no platform.yaml lies in the working folder" in said.err
    assert main(["init", "--from", "petclinic"]) == 0
    capsys.readouterr()
    status, said = asked(capsys, "--from", "web", "--to", "petclinic-db", "--port", "3306")
    assert status == 1
    assert said.out.startswith("blocked: ")


def test_a_service_is_meant_where_it_has_the_port_and_its_pods_where_it_has_not(capsys):
    """`--to was` means the service for its port, and the pods themselves for any other."""
    _, said = asked(capsys, "petclinic", "--from", "web", "--to", "was", "--port", "8080")
    assert "petclinic/web to petclinic-production/Service/petclinic/was on tcp 8080" in said.out
    _, said = asked(capsys, "petclinic", "--from", "web", "--to", "was", "--port", "9999")
    assert "petclinic/web to petclinic-production/Rollout/petclinic/was on tcp 9999" in said.out


def test_a_blocked_path_is_given_the_need_and_the_policy_that_open_it(capsys):
    """In a description one line does it; the rules that it comes to stand below, ready to apply."""
    _, said = asked(capsys, "petclinic", "--from", "web", "--to", "petclinic-db", "--port", "3306")
    assert "to open it, let web say `needs: [petclinic-db]`  (petclinic/platform.yaml:" in said.out
    assert "      kind: NetworkPolicy\n" in said.out
    _, said = asked(capsys, "petclinic", "--from", "web", "--to", "petclinic-db", "--format", "json")
    opening = json.loads(said.out)["paths"][0]["opening"]
    assert opening["verdict"] == "proven"
    assert opening["need"]["component"] == "web"
    assert [change["type"] for change in opening["changes"]] == ["networking.k8s.io/v1/NetworkPolicy"]


def test_what_no_rule_opens_is_said_before_what_rules_it_would_take(capsys):
    """A port that nobody listens on is no matter of rules."""
    status, said = asked(capsys, "petclinic", "--from", "web", "--to", "petclinic-db", "--port", "3307")
    assert status == 1
    assert "no rule opens this: listens: " in said.out
    assert "it would also take a rule of ap-northeast-2/data:aws_security_group.petclinic_db" in said.out
    assert "to open it" not in said.out


def test_what_the_internet_reaches_is_listed_with_its_ways(capsys):
    """Balancers and distributions by themselves, pods only behind them, the database not at all."""
    status, said = asked(capsys, "petclinic", "--exposed")
    assert status == 0
    outer, _, inner = said.out.partition("\nonly behind others\n")
    assert "  ap-northeast-2/edge:aws_cloudfront_distribution.www\n    tcp 80,443 from anybody\n" in outer
    assert "petclinic-production/Rollout/petclinic/was\n" in inner
    assert "aws_db_instance" not in said.out


@pytest.mark.needs("jsonschema")
def test_the_json_of_what_is_exposed_keeps_to_its_schema(capsys):
    """What is only perhaps so is unknown, and says because of what."""
    _, said = asked(capsys, "petclinic", "--exposed", "--format", "json")
    document = json.loads(said.out)
    assert mistakes("reach-exposed", document) == []
    assert document["exposed"]
    assert all(bool(each["because"]) is (each["verdict"] == "unknown") for each in document["exposed"])


def test_the_internet_may_be_where_a_path_begins(capsys):
    """Each thing in front is a hop; where nothing leads there the answer is blocked, and nothing is offered."""
    status, said = asked(capsys, "petclinic", "--from", "internet", "--to", "was", "--port", "8080")
    assert status == 0
    assert "ok entrance" in said.out
    status, said = asked(capsys, "petclinic", "--from", "internet", "--to", "www.petclinic.example", "--port", "443")
    assert status == 0
    assert "is a record that leads to ap-northeast-2/edge:aws_cloudfront_distribution.www" in said.out
    status, said = asked(capsys, "petclinic", "--from", "internet", "--to", "petclinic-db")
    assert status == 1
    assert "nothing that the internet reaches leads to" in said.out
    assert "to open it" not in said.out
    assert "is yours to decide" in said.out


def test_a_range_of_addresses_may_be_either_end(capsys):
    """One address is a range of one, all of them are the internet; what opens it is told for the range alone."""
    words = ("petclinic", "--from", "was", "--port", "443", "--to")
    status, said = asked(capsys, *words, "203.0.113.7")
    assert status == 1
    assert 'cidr: "203.0.113.7/32"' in said.out
    _, said = asked(capsys, *words, "203.0.113.0/24", "--format", "json")
    document = json.loads(said.out)
    assert mistakes("reach", document) == []
    assert document["paths"][0]["to"] == "203.0.113.0/24"
    _, said = asked(capsys, *words, "0.0.0.0/0")
    assert "to internet on tcp 443" in said.out
    status, said = asked(capsys, "petclinic", "--from", "203.0.113.7", "--to", "petclinic-db")
    assert status == 1
    assert "no rule opens this" in said.out


def test_a_matrix_says_who_reaches_whom(capsys):
    """Sources that reach the same stand together; the application reaches its database and nothing of the internet."""
    status, said = asked(capsys, "petclinic", "--matrix")
    assert status == 0
    blocks = dict(block.split("\n", 1) for block in said.out.rstrip().split("\n\n")[1:])
    assert [line.split() for line in blocks["was"].splitlines()] == [
        ["workload", "tcp", "3306"],  # its policy permits the subnets, in which the nodes are too
        ["petclinic-db", "tcp", "3306"],
        ["sessions", "tcp", "6379,26379"],
    ]
    assert any("web" in names.split(", ") and "nothing" in reached for names, reached in blocks.items())
    assert "petclinic-db" not in blocks["internet"]


@pytest.mark.needs("jsonschema")
def test_the_json_of_a_matrix_keeps_to_its_schema(capsys):
    """Every pair that may be open, and of what only may be the reason."""
    _, said = asked(capsys, "petclinic", "--matrix", "--format", "json")
    document = json.loads(said.out)
    assert mistakes("reach-matrix", document) == []
    pairs = {(pair["from"], target): pair for pair in document["pairs"] for target in pair["to"]}
    was, database = "petclinic-production/Rollout/petclinic/was", "ap-northeast-2/data:aws_db_instance.petclinic_db"
    assert pairs[was, database]["sure"] == [{"protocol": "tcp", "first": 3306, "last": 3306}]
    assert all(pair["may"] for pair in pairs.values())


@pytest.mark.parametrize(("form", "start"), [("dot", "digraph "), ("svg", "<svg ")])
def test_a_matrix_may_be_a_picture(capsys, form, start):
    """A graph for Graphviz, or a grid."""
    status, said = asked(capsys, "petclinic", "--matrix", "--format", form)
    assert status == 0
    assert said.out.startswith(start)
    assert "petclinic production: who reaches whom" in said.out


def test_an_input_does_not_differ_from_itself(capsys):
    """No difference, and it says so."""
    status, said = asked(capsys, "petclinic", "--matrix", "--diff", "petclinic")
    assert (status, said.out) == (0, "no difference: who reaches whom is the same\n")


def test_environments_of_one_platform_may_be_compared(capsys):
    """Things that differ in their cluster's name alone are the same; production's standby is not in development."""
    words = ("-e", "production", "--matrix", "--diff", "petclinic", "--diff-environment", "development")
    _, said = asked(capsys, "petclinic", *words)
    assert "opens  recovery -> " in said.out
    assert "was -> petclinic-db" not in said.out


POD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: shop}}
spec:
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec: {{containers: [{{name: {name}, image: "{name}:1", ports: [{{containerPort: 8080}}]}}]}}
---
"""
SHUT = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: api, namespace: shop}
spec:
  podSelector: {matchLabels: {app: api}}
  policyTypes: [Ingress]
  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 8080}]}]
"""


@pytest.fixture
def manifests(tmp_path):
    """Two folders of manifests: three pods that nothing keeps apart, and the same with a policy for one of them."""
    pods = "".join(POD.format(name=name) for name in ("web", "api", "job"))
    for name, more in (("before", ""), ("after", SHUT)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "all.yaml").write_text(pods + more, "utf-8")
    return tmp_path


HALF = """
resource "aws_vpc" "v" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_subnet" "s" {
  vpc_id     = aws_vpc.v.id
  cidr_block = "10.0.1.0/24"
}
resource "aws_security_group" "g" {
  vpc_id = aws_vpc.v.id
  ingress {
    protocol    = "tcp"
    from_port   = 80
    to_port     = 80
    cidr_blocks = ["10.0.1.0/25"]
  }
  ingress {
    protocol    = "icmp"
    from_port   = 3
    to_port     = 4
    cidr_blocks = ["10.0.0.0/16"]
  }
  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_instance" "web" {
  subnet_id              = aws_subnet.s.id
  vpc_security_group_ids = [aws_security_group.g.id]
}
resource "aws_instance" "api" {
  subnet_id              = aws_subnet.s.id
  vpc_security_group_ids = [aws_security_group.g.id]
}
"""


@pytest.mark.needs("jsonschema")
def test_what_some_addresses_reach_is_reached_in_part(capsys, tmp_path):
    """The headline does not say blocked where half of a subnet gets through; the exit status does."""
    (tmp_path / "main.tf").write_text(HALF, "utf-8")
    path = (str(tmp_path), "--from", "web", "--to", "api")
    status, said = asked(capsys, *path, "--port", "80")
    assert (status, said.out.split(":")[0]) == (1, "in part")
    assert "some of the addresses" in said.out
    _, said = asked(capsys, *path, "--port", "80", "--format", "json")
    document = json.loads(said.out)
    assert mistakes("reach", document) == []
    assert (document["paths"][0]["answer"], document["paths"][0]["verdict"]) == ("in part", "refuted")
    assert document["paths"][0]["part"] == {"verdict": "proven", "through": [], "not_through": []}
    status, said = asked(capsys, *path, "--port", "81")
    assert (status, said.out.split(":")[0]) == (1, "blocked")


def test_icmp_without_a_type_is_a_ping(capsys, tmp_path):
    """A group that lets errors in lets no ping in, and nobody speaks of a port."""
    (tmp_path / "main.tf").write_text(HALF, "utf-8")
    status, said = asked(capsys, str(tmp_path), "--from", "web", "--to", "api", "--protocol", "icmp")
    assert (status, said.out.split(":")[0]) == (1, "blocked")
    assert "icmp type 8 (ping)" in said.out


@pytest.mark.needs("jsonschema")
def test_a_difference_is_what_opens_and_what_closes(capsys, manifests):
    """A policy closes all but one port from one pod to another, and everything from a third."""
    before, after = str(manifests / "before"), str(manifests / "after")
    _, said = asked(capsys, after, "--matrix", "--diff", before, "--format", "json")
    document = json.loads(said.out)
    assert mistakes("reach-diff", document) == []
    closed = {(each["from"], each["to"]): each["traffic"] for each in document["differences"]}
    assert {each["does"] for each in document["differences"]} == {"closes"}
    assert closed[("job", "api")] == [{"protocol": "any", "first": 0, "last": 65535}]
    assert closed[("web", "api")][:2] == [
        {"protocol": "tcp", "first": 0, "last": 8079},
        {"protocol": "tcp", "first": 8081, "last": 65535},
    ]
    _, said = asked(capsys, before, "--matrix", "--diff", after)
    assert "opens  job -> api" in said.out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "nothing is asked"),
        (("--matrix", "--exposed"), "two questions"),
        (("--matrix", "--from", "web"), "--matrix asks about everything"),
        (("--exposed", "--to", "web"), "--exposed asks about everything"),
        (("--diff", "petclinic"), "--diff compares matrices"),
        (("--matrix", "--diff-environment", "development"), "--diff-environment is of --diff"),
        (("--exposed", "--format", "svg"), "is a picture of a matrix"),
        (("--matrix", "--diff", "petclinic", "--format", "dot"), "is a picture of a matrix"),
        (("--from", "internet", "--to", "internet", "--port", "80"), "the internet reaches itself"),
        (("--from", "internet", "--to", "203.0.113.0/24", "--port", "80"), "both ends are outside"),
        (("--from", "203.0.113.7/24", "--to", "was", "--port", "80"), "host bits"),
        (("--from", "10.1", "--to", "was", "--port", "80"), "nothing of that name"),
    ],
)
def test_questions_that_do_not_go_together_are_refused(capsys, words, says):
    """One message before any work, exit status 2."""
    status, said = asked(capsys, "petclinic", *words)
    assert (status, said.out) == (2, "")
    assert says in said.err


def test_the_internet_may_be_where_a_path_ends(capsys):
    """What policies let out, and which way there is; the application has none, the copies have one."""
    status, said = asked(capsys, "petclinic", "--from", "was", "--to", "internet", "--port", "443")
    assert status == 1
    assert "NO egress policy" in said.out
    status, said = asked(
        capsys, "petclinic", "--from", "CronJob/petclinic/recovery", "--to", "internet", "--port", "443"
    )
    assert status == 0
    assert "ok exit" in said.out


def _table(cells):
    """A table of these pairs, each of a source, a target and a port."""
    ends = tuple(dict.fromkeys(name for pair in cells for name in pair[:2]))
    traffic = [Traffic.of("tcp", Ports.one(port)) for _, _, port in cells]
    return Table("t", ends, ends, tuple(Cell(a, b, t, t, t) for (a, b, _), t in zip(cells, traffic, strict=True)))


@pytest.mark.parametrize(
    ("cells", "blocks"),
    [
        # A mesh: each reaches every other alike, and all the same besides.
        (
            [("a", "b", 80), ("a", "c", 80), ("b", "a", 80), ("b", "c", 80), ("c", "a", 80), ("c", "b", 80),
             ("a", "db", 5432), ("b", "db", 5432), ("c", "db", 5432)],
            {"a, b, c": "  each other  tcp 80\n  db          tcp 5432", "db": "  nothing"},
        ),
        # Not quite: c reaches a on another port, so it stands alone.
        (
            [("a", "b", 80), ("a", "c", 80), ("b", "a", 80), ("b", "c", 80), ("c", "a", 81), ("c", "b", 80)],
            {"a, b": "  each other  tcp 80\n  c           tcp 80", "c": "  b  tcp 80\n  a  tcp 81"},
        ),
        # Alike, and not each other.
        ([("a", "db", 1), ("b", "db", 1)], {"a, b": "  db  tcp 1", "db": "  nothing"}),
        # One way only.
        ([("a", "b", 80), ("a", "db", 80), ("b", "db", 80)], {"a": "  b   tcp 80\n  db  tcp 80", "b": "  db  tcp 80",
                                                               "db": "  nothing"}),
    ],
)  # fmt: skip
def test_those_that_reach_the_same_stand_together_only_if_they_do(cells, blocks):
    """What is said of several in one line is so of each of them."""
    _, *found = reach_matrix.matrix_text(_table(cells)).split("\n\n")
    shown = dict(block.partition("\n")[::2] for block in found)
    assert {names: sorted(said.splitlines()) for names, said in shown.items()} == {
        names: sorted(said.splitlines()) for names, said in blocks.items()
    }
