"""`seawall reach`: a path with the rules that decide it, kind words for names, and JSON that keeps to its schema."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

import pytest

from seawall.cli import input as cli_input
from seawall.cli.main import main


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
    assert {each["verdict"] for each in document["exposed"]} == {"proven", "unknown"}
    assert all(bool(each["because"]) is (each["verdict"] == "unknown") for each in document["exposed"])


def test_the_internet_may_be_where_a_path_begins(capsys):
    """Each thing in front is a hop; where nothing leads there the answer is blocked, and nothing is offered."""
    status, said = asked(capsys, "petclinic", "--from", "internet", "--to", "was", "--port", "8080")
    assert status == 0
    assert "ok entrance" in said.out
    status, said = asked(capsys, "petclinic", "--from", "internet", "--to", "petclinic-db")
    assert status == 1
    assert "nothing that the internet reaches leads to" in said.out
    assert "to open it" not in said.out
