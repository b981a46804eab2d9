"""What Argo CD watches, as the real Kustomize builds it: everything that is described, our images by digest."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from fake_cloud import FakeCloud, fake_cloud
from seawall.cli.input import load_graph
from seawall.components.delivery import Delivery
from seawall.deploy import manifests
from seawall.deploy.promote import Promoted, digests, pinning, promote
from seawall.deploy.rendered import Rendered
from seawall.deploy.run import opened
from seawall.deploy.workplace import Workplace
from seawall.graph.graph import Graph
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError, OutsideError
from seawall.model.platform import Platform
from seawall.render.render import render

pytestmark = pytest.mark.needs("kubectl", "emulator")

FIRST, SECOND = "sha256:" + "a" * 64, "sha256:" + "b" * 64


@dataclass(frozen=True)
class Up:
    """A platform whose stacks are up, in a folder that plays AWS."""

    platform: Platform
    delivery: Delivery
    graph: Graph
    rendered: Rendered
    cloud: FakeCloud
    place: Workplace

    def promote(self, folder: Path, digest: str, *stages: str, but: str = "") -> Promoted:
        """Promote every image but one at a digest."""
        given = {image: digest for image in self.delivery.images if image != but}
        pinned = pinning(self.delivery, self.graph, given)
        return promote(
            self.platform, self.delivery, self.rendered, self.place, self.cloud, pinned, folder, stages=stages
        )


def standing(name: str, environment: str | None, folder: Path) -> Up:
    """Its stacks' states hold an output for whatever a manifest asks for."""
    platform, graph = load_graph([name], environment)
    assert platform is not None
    rendered = Rendered.of_graph(render(platform, graph), graph)
    outputs: dict[str, dict[str, Any]] = {key: {} for key in rendered.stacks}
    for text, (stack, output) in rendered.values.items():
        address, _, attribute = text[2:-1].rpartition(".")
        value = f"value-of-{output}"
        if attribute == "repository_url":
            resource = graph.resources[Address(address)]
            value = f"123456789012.dkr.ecr.{resource.region}.amazonaws.com/{resource.body['name']}"
        outputs[stack][output] = {"value": value}
    cloud = fake_cloud(folder / "world", *{stack.backend.bucket for stack in rendered.stacks.values()})
    for key, stack in rendered.stacks.items():
        if stack.backend.kind != "s3":
            continue
        file = folder / "world" / "buckets" / stack.backend.bucket / stack.backend.key
        file.parent.mkdir(parents=True, exist_ok=True)
        state = {"mode": "managed", "type": "aws_vpc", "name": "main", "instances": [{}]}
        file.write_text(json.dumps({"resources": [state], "outputs": outputs[key]}))
    delivery = platform.components["delivery"]
    assert isinstance(delivery, Delivery)
    place = Workplace(folder / ".seawall", platform.name, platform.environment, "aws")
    return Up(platform, delivery, graph, rendered, cloud, place)


@pytest.fixture(scope="module", params=["petclinic", "pingvas", "genai-demo"])
def up(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Up:
    """A platform of one cluster, one with two stages in it, and one of two clusters."""
    return standing(request.param, None, tmp_path_factory.mktemp(request.param))


def built(folder: Path) -> list[dict[str, Any]]:
    """The objects of a folder, as Kustomize builds them."""
    ran = subprocess.run(["kubectl", "kustomize", str(folder)], capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stderr
    return [one for one in yaml.safe_load_all(ran.stdout) if one]


def images(value: Any) -> Iterator[str]:
    """Every image that a container names."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key in ("containers", "initContainers"):
                yield from (container["image"] for container in item)
            else:
                yield from images(item)
    elif isinstance(value, list):
        for item in value:
            yield from images(item)


def name(body: Mapping[str, Any]) -> tuple[str, str, str]:
    """What tells an object from others."""
    return body["kind"], body["metadata"].get("namespace", ""), body["metadata"]["name"]


def test_everything_is_in_one_folder_and_runs_by_digest(up: Up, tmp_path: Path) -> None:
    """No object is lost or there twice, each is as it was built, and every image that is built runs by its digest."""
    promoted = up.promote(tmp_path, FIRST)
    found = [body for folder in promoted.folders for body in built(tmp_path / folder)]
    assert len(found) == sum(promoted.folders.values())
    with opened(up.place, up.rendered, up.cloud, "look", lambda event: None, changes=False) as run:
        expected = [body for one in manifests.build(run) for body in yaml.safe_load_all(one.file.read_text()) if body]
    assert Counter(map(name, found)) == Counter(map(name, expected))
    ours = {image for body in found for image in images(body) if "dkr.ecr" in image}
    pinned = {image for image in ours if image.endswith(f"@{FIRST}")}
    assert {image.partition("@")[0].split("/", 2)[2] for image in pinned} == set(up.delivery.images)
    assert {image.partition(":")[0].split("/", 2)[2] for image in ours - pinned} <= {"database-tools", "seawall-agent"}


def test_the_folders_are_those_that_argo_cd_watches(up: Up, tmp_path: Path) -> None:
    """Every application of our own that is rendered finds its folder, and no folder is watched by nobody."""
    promoted = up.promote(tmp_path, FIRST)
    watched = set()
    for resource in up.graph:
        if resource.type == "argoproj.io/v1alpha1/Application":
            watched.add(resource.body["spec"].get("source", {}).get("path"))
        if resource.type == "argoproj.io/v1alpha1/ApplicationSet":
            for generator in resource.body["spec"]["generators"]:
                services = generator["matrix"]["generators"][1]["list"]["elements"]
                path = generator["matrix"]["template"]["spec"]["source"]["path"]
                watched |= {path.replace("{{ .application }}", one["application"]) for one in services}
    assert {f"deployed/{folder}" for folder in promoted.folders} == {
        path for path in watched if path and path.startswith("deployed/")
    }


def test_a_promotion_changes_one_line_an_image(up: Up, tmp_path: Path) -> None:
    """What is written does not depend on when; another digest is another line of a kustomization, and nothing else."""

    def written() -> dict[Path, str]:
        return {file.relative_to(tmp_path): file.read_text() for file in tmp_path.rglob("*.yaml")}

    up.promote(tmp_path, FIRST)
    first = written()
    up.promote(tmp_path, SECOND)
    for file, text in written().items():
        assert text == (first[file].replace(FIRST, SECOND) if file.name == "kustomization.yaml" else first[file])
    up.promote(tmp_path, FIRST)
    assert written() == first


def test_a_stage_leaves_the_others_alone(tmp_path: Path) -> None:
    """In an environment of two stages, a version comes into the first one alone."""
    up = standing("pingvas", None, tmp_path)
    up.promote(tmp_path / "deployed", FIRST)
    promoted = up.promote(tmp_path / "deployed", SECOND, "dev")
    assert promoted.folders
    assert all(Path(folder).name.startswith("dev-") for folder in promoted.folders)
    for file in (tmp_path / "deployed").rglob("kustomization.yaml"):
        said = file.read_text()
        below = str(file.parent.relative_to(tmp_path / "deployed"))
        assert (SECOND in said) is (below in promoted.folders and "images" in said)
        assert not (FIRST in said and SECOND in said)


def test_what_no_application_has_any_more_goes(tmp_path: Path) -> None:
    """Argo CD prunes what is no longer there; files beside the folders are left."""
    up = standing("petclinic", "development", tmp_path)
    up.promote(tmp_path / "deployed", FIRST)
    gone = tmp_path / "deployed" / "development" / "old"
    gone.mkdir()
    (gone / "kustomization.yaml").write_text("resources: []\n")
    (gone.parent / "development.images").write_text("kept\n")
    up.promote(tmp_path / "deployed", FIRST)
    assert not gone.exists()
    assert (gone.parent / "development.images").exists()


def test_an_image_without_a_digest_is_refused(tmp_path: Path) -> None:
    """What a pipeline builds never runs by a tag."""
    up = standing("petclinic", "development", tmp_path)
    with pytest.raises(InputError, match="petclinic-was has no digest"):
        up.promote(tmp_path / "deployed", FIRST, but="petclinic-was")
    with pytest.raises(InputError, match="nobodys is no image"):
        pinning(up.delivery, up.graph, {"nobodys": FIRST})
    with pytest.raises(InputError, match="moon is no stage"):
        up.promote(tmp_path / "deployed", FIRST, "moon")


def test_what_is_not_up_cannot_be_promoted(tmp_path: Path) -> None:
    """A manifest is filled with what a stack says; without it nothing is written."""
    up = standing("petclinic", "development", tmp_path)
    for file in (tmp_path / "world" / "buckets").rglob("*"):
        if file.is_file() and "platform" in file.name:
            file.unlink()
    with pytest.raises(OutsideError, match="bring the stack up again"):
        up.promote(tmp_path / "deployed", FIRST)
    assert not (tmp_path / "deployed").exists()


@pytest.mark.parametrize("text", ["was:v1", "was@sha256:abc", f"was@{FIRST}\nwas@{SECOND}", "was"])
def test_a_list_of_digests_is_read_strictly(text: str) -> None:
    """A tag, a digest that is cut off, or two of one image are refused with the line."""
    with pytest.raises(InputError, match=r"images.txt:\d"):
        digests(text, "images.txt")
    assert digests(f"was@{FIRST}\n\nwas@{FIRST}\n", "images.txt") == {"was": FIRST}
