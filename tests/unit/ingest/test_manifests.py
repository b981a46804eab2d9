"""Manifests from texts, files and folders: what becomes a resource, where it says it comes from, what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seawall.graph.resource import Resource
from seawall.ingest.manifests import manifests
from seawall.ingest.placeholders import settle
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError, OutsideError
from seawall.kernel.origin import Origin
from seawall.kernel.value import SECRET, Ref, Text, Unknown

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: %s}\n"


def read(text: str, file: str = "a.yaml") -> list[Resource]:
    """The objects of a text."""
    return list(manifests(text, "c", file=file))


def test_documents_have_addresses_types_and_lines() -> None:
    """Each document is an object of the cluster, with the line at which it starts; empty ones are passed over."""
    text = (
        "# first\n" + SERVICE % "a" + "---\n---\n# more\n" + "apiVersion: v1\nkind: Namespace\nmetadata: {name: ns}\n"
    )
    found = read(text)
    assert [(item.address, item.type, item.origin) for item in found] == [
        (Address("c/Service/default/a"), "v1/Service", Origin("a.yaml", 2)),
        (Address("c/Namespace/ns"), "v1/Namespace", Origin("a.yaml", 8)),
    ]


def test_lists_hold_objects_with_lines_of_their_own() -> None:
    """The items of a List are objects, at their own lines."""
    text = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n  metadata: {name: a}\n"
    (found,) = read(text)
    assert (found.address, found.origin.line) == (Address("c/Service/default/a"), 4)


def test_an_object_whose_name_is_made_up_is_read() -> None:
    """Of a generated name the beginning is known, and the rest does not keep anything from being read."""
    text = "apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: sync-}\n"
    (found,) = read(text)
    assert found.address == Address("c/Job/default/sync-*")
    with pytest.raises(InputError, match=r"metadata\.name cannot be absent"):
        read("apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: 1}\n")


def test_json_is_read_as_well() -> None:
    """A JSON file is read like YAML; a repeated key is refused there, too."""
    body = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a", "namespace": "n"}}
    (found,) = read(json.dumps(body), "a.json")
    assert found.address == "c/Service/n/a"
    with pytest.raises(InputError, match="kind is said twice"):
        read('{"kind": "a", "kind": "b"}', "a.json")


def test_only_our_own_placeholders_are_references() -> None:
    """An address and an attribute in ``${}`` is a Ref; what Spring, shells and Kubernetes write stays text."""
    ref = Ref(Address("ap-northeast-2/data:aws_db_instance.db"), "address")
    assert settle(str(ref)) == ref
    assert settle(f"jdbc:mysql://{ref}:3306/db") == Text(("jdbc:mysql://", ref, ":3306/db"))
    instance = Ref(Address('us-east-1/edge:aws_acm_certificate.www["a.b"]'), "domain_validation_options.0.name")
    assert settle(str(instance)) == instance
    for other in (
        "${spring.datasource.url}",
        "${NAME:default}",
        "${A/b:-c.d}",
        "$(NAME)",
        "${}",
        "${a_b.c.d}",
        "$${x}",
    ):
        assert settle(other) == other


def test_values_of_secrets_are_left_at_the_door() -> None:
    """No value of a Secret and no password in clear is in any body, wherever kubectl has written it."""
    text = """
apiVersion: v1
kind: Secret
metadata:
  name: s
  annotations: {kubectl.kubernetes.io/last-applied-configuration: '{"data":{"k":"hunter2"}}'}
data: {k: hunter2}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: c}
data: {DB_PASSWORD: hunter2, DB_HOST: db}
---
apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {containers: [{name: a, env: [{name: API_TOKEN, value: hunter2}, {name: TOKEN_URL, value: 'http://t'}]}]}
"""
    secret, config, pod = read(text)
    assert "hunter2" not in repr([secret.body, config.body, pod.body])
    assert secret.body["data"]["k"] == Unknown("c/Secret/default/s.data.k", why=SECRET)
    assert config.body["data"]["DB_HOST"] == "db"
    first, second = pod.body["spec"]["containers"][0]["env"]
    assert first["value"] == Unknown("c/Pod/default/p.spec.containers.0.env.0.value", why=SECRET)
    assert second["value"] == "http://t"


def test_what_the_server_fills_in_is_no_argument() -> None:
    """Output of ``kubectl get -o yaml`` reads like what somebody wrote."""
    text = SERVICE.replace("{name: %s}", "{name: a, uid: x, resourceVersion: '1', creationTimestamp: 2026-01-27}")
    (found,) = read(text + "status: {loadBalancer: {}}\n")
    assert found.body == {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}}


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a: [\n", 2, "not YAML"),
        ("a: 1\na: 2", 2, "a is said twice"),
        ("apiVersion: v1\nkind: Service", 1, "metadata must be"),
        ("x: 1", 1, "not a Kubernetes object"),
        ("- 1", 1, "not a Kubernetes object"),
        ("apiVersion: v1\nkind: Service\nmetadata: {name: a/b}", 1, "metadata.name"),
        ('apiVersion: v1\nkind: Service\nmetadata: {name: "a\\nb"}', 1, "metadata.name"),
        ("apiVersion: v1\nkind: Service\nmetadata: {name: n}", 1, "quotes"),
        ("apiVersion: v1\nkind: ../../x\nmetadata: {name: a}", 1, "kind cannot be"),
        ("a: !!python/object/apply:os.system [id]", 1, "no meaning"),
        ("a: *b", 1, "alias"),
        ("? [a]\n: b", 1, "a key must be text"),
        ("a: .nan", 1, "JSON"),
        ("a: 1e999", 1, "too large"),
    ],
)
def test_bad_manifests_are_refused_with_their_line(text: str, line: int, says: str) -> None:
    """Whatever is wrong, the error is one for a person and says where."""
    with pytest.raises(InputError, match=says) as caught:
        read(text)
    origin = caught.value.problems[0].origin
    assert (origin.file, origin.line) == ("a.yaml", line)


def test_an_alias_bomb_is_refused() -> None:
    """Aliases of aliases are counted as if written out, and refused before anybody walks them."""
    rows = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"]
    rows += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(InputError, match="aliases repeat"):
        read("\n".join(rows))


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_deep_nesting_is_refused(opening: str) -> None:
    """A few hundred kilobytes of brackets are an error, not the end of the process."""
    with pytest.raises(InputError):
        read(opening * 200_000)


def test_scalars_mean_what_they_mean_to_kubernetes() -> None:
    """Times of day and dates are strings, 1e3 is a number, 08 too; yes and on are truth values, quoted they are not."""
    (found,) = read(SERVICE % "a" + "x: [1:30, 2026-01-27, 1e3, 08, 0o17, 0x1F, yes, 'yes', ~, 1_000, -.5]\n")
    assert found.body["x"] == ["1:30", "2026-01-27", 1000, 8, 15, 31, True, "yes", None, 1000, -0.5]


def test_merge_keys_and_anchors() -> None:
    """Anchors and merge keys work; what is written wins over what is merged."""
    (found,) = read(SERVICE % "a" + "x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}\n")
    assert found.body["y"] == {"a": 1, "b": 3}


def test_a_folder_is_read_without_what_is_no_manifest(tmp_path: Path) -> None:
    """Other YAML in a folder is left alone, and so are hidden folders, charts' templates and as_documented."""
    (tmp_path / "a.yaml").write_text(SERVICE % "a")
    (tmp_path / "platform.yaml").write_text("platform: x\n")
    for folder in (".git", "as_documented", "chart/templates"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "b.yaml").write_text("{{ broken")
    (tmp_path / "chart" / "Chart.yaml").write_text("name: chart\n")
    assert [item.address for item in manifests(tmp_path, "c")] == ["c/Service/default/a"]


def test_what_lies_in_a_folder_named_like_a_cluster_belongs_to_it(tmp_path: Path) -> None:
    """Several clusters need no Kustomize: the nearest folder with a cluster's name says whose a file is."""
    for folder in ("home/apps", "away/home"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "a.yaml").write_text(SERVICE % "a")
    (tmp_path / "away" / "b.yaml").write_text(SERVICE % "b")
    found = [item.address for item in manifests(tmp_path, "", clusters=("away", "home"))]
    assert sorted(found) == ["away/Service/default/b", "home/Service/default/a", "home/Service/default/a"]
    (tmp_path / "loose.yaml").write_text(SERVICE % "c")
    with pytest.raises(InputError, match="several clusters"):
        list(manifests(tmp_path, "", clusters=("away", "home")))


def test_what_is_no_manifest_need_not_be_yaml(tmp_path: Path) -> None:
    """In a folder, templates and other languages' files stop nobody; a broken manifest does."""
    (tmp_path / "a.yaml").write_text(SERVICE % "a")
    (tmp_path / "mkdocs.yml").write_text("x: !!python/name:y\n")
    (tmp_path / "tsconfig.json").write_text("{// comment\n}")
    assert len(list(manifests(tmp_path, "c"))) == 1
    (tmp_path / "b.yaml").write_text("apiVersion: v1\nkind: [\n")
    with pytest.raises(InputError, match="not YAML"):
        list(manifests(tmp_path, "c"))


def test_a_file_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    """Missing and binary files are errors for a person."""
    with pytest.raises(InputError, match="cannot read"):
        list(manifests(tmp_path / "no.yaml", "c"))
    (tmp_path / "b.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="UTF-8"):
        list(manifests(tmp_path / "b.yaml", "c"))


def overlays(folder: Path) -> None:
    """A base and two overlays of it."""
    for name, resources in (("base", "[a.yaml]"), ("overlays/one", "[../../base]"), ("overlays/two", "[../../base]")):
        (folder / name).mkdir(parents=True)
        (folder / name / "kustomization.yaml").write_text(f"resources: {resources}\nnamePrefix: {name[-3:]}-\n")
    (folder / "base" / "kustomization.yaml").write_text("resources: [a.yaml]\n")
    (folder / "base" / "a.yaml").write_text(SERVICE % "a")


@pytest.mark.needs("kubectl")
def test_the_named_overlay_is_built(tmp_path: Path) -> None:
    """Of several overlays the environment's is built, the base only through it, and objects know their place."""
    overlays(tmp_path)
    (found,) = manifests(tmp_path, "c", environment="two")
    assert found.address == "c/Service/default/two-a"
    assert (found.origin.file, found.origin.line) == (str(tmp_path / "base" / "a.yaml"), 1)
    assert "annotations" not in found.body["metadata"]


def test_several_overlays_need_a_choice(tmp_path: Path) -> None:
    """Without an environment nothing is guessed."""
    overlays(tmp_path)
    with pytest.raises(InputError, match="several overlays: one, two"):
        list(manifests(tmp_path, "c"))


@pytest.mark.needs("kubectl")
def test_a_component_is_not_built_by_itself(tmp_path: Path) -> None:
    """A Kustomize component that no overlay takes up says nothing; what is beside it is read."""
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "kustomization.yaml").write_text("kind: Component\nresources: [nothing.yaml]\n")
    (tmp_path / "a.yaml").write_text(SERVICE % "a")
    assert [item.address for item in manifests(tmp_path, "c")] == ["c/Service/default/a"]


@pytest.mark.needs("kubectl")
def test_a_broken_kustomization_is_kubectls_own_message(tmp_path: Path) -> None:
    """What kubectl refuses is said in its own words."""
    (tmp_path / "kustomization.yaml").write_text("resources: [nothing.yaml]\n")
    with pytest.raises(OutsideError, match=r"nothing\.yaml"):
        list(manifests(tmp_path, "c"))


def test_without_kubectl_a_kustomization_cannot_be_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing kubectl is said, with how to mend it."""
    overlays(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OutsideError, match="install kubectl"):
        list(manifests(tmp_path, "c", environment="one"))


@pytest.mark.needs("kubectl")
def test_an_object_built_by_kustomize_knows_its_line(tmp_path: Path) -> None:
    """Each of a file has its own, also under a name that Kustomize made longer, and in flow style."""
    (tmp_path / "kustomization.yaml").write_text("resources: [all.yaml]\nnamePrefix: my-\n", encoding="utf-8")
    (tmp_path / "all.yaml").write_text(
        "# two\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  labels: {a: b}\n  name: one\n"
        '---\n\napiVersion: v1\nkind: "ConfigMap"\nmetadata: {labels: {a: b}, name: "two"}\n',
        encoding="utf-8",
    )
    found = {each.address.rpartition("/")[2]: each.origin.line for each in manifests(tmp_path, "c")}
    assert found == {"my-one": 1, "my-two": 9}
