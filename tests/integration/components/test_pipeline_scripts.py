"""The scripts of pipelines, run with the real git and jq; AWS, Docker, Argo CD and GitHub are programs that play."""

from __future__ import annotations

import json
import os
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest

pytestmark = pytest.mark.needs("git", "jq")

SCRIPTS = Path(str(files("seawall.components.pipelines"))) / "repository"
DIGEST = "sha256:" + "a" * 64
OTHER = "sha256:" + "b" * 64

SEAWALL = """#!/usr/bin/env bash
# promote: writes the images where it is told to.
set -euo pipefail
while [ $# -gt 0 ]; do
    case $1 in
    --environment) environment=$2; shift ;;
    --images) images=$2; shift ;;
    --output) output=$2; shift ;;
    esac
    shift
done
mkdir -p "$output/$environment/app"
cp "$images" "$output/$environment/app/kustomization.yaml"
"""
PUSHED_MEANWHILE = """#!/usr/bin/env bash
# Once, somebody else pushes before this does.
set -euo pipefail
case " $* " in
*" push "*)
    if [ ! -e "$WORLD/raced" ]; then
        touch "$WORLD/raced"
        "$REAL_GIT" clone --quiet "$WORLD/remote.git" "$WORLD/other"
        touch "$WORLD/other/theirs"
        "$REAL_GIT" -C "$WORLD/other" add theirs
        "$REAL_GIT" -C "$WORLD/other" -c user.name=other -c user.email=other@localhost commit --quiet -m Theirs
        "$REAL_GIT" -C "$WORLD/other" push --quiet origin main
    fi ;;
esac
exec "$REAL_GIT" "$@"
"""
ARGO_CD = """#!/usr/bin/env bash
# Answers from a file an application, and remembers what it was told to sync.
set -euo pipefail
for word in "$@"; do
    [ "${previous-}" = applications.argoproj.io ] && name=$word
    [ "${previous-}" = --patch-file ] && cp "$word" "$WORLD/patched-$name"
    previous=$word
done
case " $* " in *" get "*) cat "$WORLD/$name.json" ;; esac
"""
AWS = """#!/usr/bin/env bash
set -euo pipefail
echo "aws $*" >> "$WORLD/calls"
case " $* " in
*" batch-get-image "*) cat "$WORLD/there" 2> /dev/null || echo None ;;
*" get-caller-identity "*) echo 123456789012 ;;
*" get-login-password "*) echo password ;;
esac
"""
NOTED = """#!/usr/bin/env bash
set -euo pipefail
case " $* " in *" login "*) cat > /dev/null ;; esac
echo "$(basename "$0") $*" >> "$WORLD/calls"
case " $* " in *" build "*) [ -z "${BUILT-}" ] || echo "$BUILT" > "$WORLD/there" ;; esac
"""
GITHUB = """#!/usr/bin/env bash
set -euo pipefail
echo "gh $*" >> "$WORLD/calls"
for word in "$@"; do
    [ "${previous-}" = --input ] && { [ "$word" = - ] && cat || cat "$word"; } >> "$WORLD/bodies"
    previous=$word
done
case " $* " in
*" --jq "*comments* | *comments*" --jq "*) cat "$WORLD/comment" 2> /dev/null || true ;;
*/teams/*) echo 7 ;;
esac
"""


class World:
    """A repository with its remote, and programs that play."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.remote, self.clone = folder / "remote.git", folder / "clone"
        (folder / "programs").mkdir()
        self._plain(folder, "git", "init", "--quiet", "--bare", "--initial-branch", "main", str(self.remote))
        self._plain(folder, "git", "clone", "--quiet", str(self.remote), str(self.clone))
        (self.clone / "platform.yaml").write_text("platform: shop\n")
        (self.clone / "images.txt").write_text(f"was@{DIGEST}\n")
        self.commit("Begin")
        self.git("push", "--quiet", "origin", "HEAD:refs/heads/main")

    def _plain(self, folder: Path, *words: str) -> str:
        return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()

    def git(self, *words: str) -> str:
        """What git says in the clone."""
        return self._plain(self.clone, "git", "-c", "user.name=me", "-c", "user.email=me@localhost", *words)

    def commit(self, message: str) -> str:
        """Commit everything, and say what it is."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def main(self) -> str:
        """The last commit of the branch, at the remote."""
        return self._plain(self.remote, "git", "rev-parse", "main")

    def program(self, name: str, text: str) -> None:
        """Put a program before the real ones."""
        path = self.folder / "programs" / name
        path.write_text(text)
        path.chmod(0o755)

    def run(self, script: str, *words: str, status: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a script in the clone."""
        real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True).stdout.strip()
        own = {
            "PATH": os.pathsep.join([str(self.folder / "programs"), os.environ["PATH"]]),
            "WORLD": str(self.folder),
            "REAL_GIT": real,
            "BRANCH": "main",
            "SEAWALL_TARGET": "aws",
            "HOME": str(self.folder),
        }
        ran = subprocess.run(
            ["bash", str(SCRIPTS / f"{script}.sh"), *words],
            cwd=self.clone,
            env={**own, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert ran.returncode == status, f"{script}: {ran.returncode}\n{ran.stdout}\n{ran.stderr}"
        return ran

    def calls(self, start: str) -> list[str]:
        """What a program was called with."""
        path = self.folder / "calls"
        return [line for line in path.read_text().splitlines() if line.startswith(start)] if path.exists() else []


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A world with a platform's repository."""
    return World(tmp_path)


def test_publishing_goes_on_where_somebody_else_pushed(world: World) -> None:
    """Nobody's commit is lost, the commit is printed alone, and nothing is pushed where nothing has changed."""
    world.program("seawall", SEAWALL)
    world.program("git", PUSHED_MEANWHILE)
    said = world.run("publish", "dev", "shared", "images.txt", "dev")
    assert said.stdout.strip() == world.main()
    assert "somebody else pushed meanwhile" in said.stderr
    world.git("fetch", "--quiet", "origin", "main")
    assert world.git("log", "--format=%s", "-2", "origin/main").splitlines()[1] == "Theirs"
    assert world.git("show", "origin/main:deployed/shared/dev.images") == f"was@{DIGEST}"
    assert world.run("publish", "dev", "shared", "images.txt", "dev").stdout == ""
    assert world.git("worktree", "list").count("\n") == 0, "no worktree is left behind"


def test_a_rollback_brings_back_what_was_there(world: World) -> None:
    """What others have pushed since stays; a first version cannot be taken back, and that is said."""
    world.program("seawall", SEAWALL)
    first = world.run("publish", "dev", "shared", "images.txt", "dev").stdout.strip()
    assert "nothing to go back to" in world.run("rollback", "dev", "shared", first, status=1).stderr
    (world.clone / "images.txt").write_text(f"was@{OTHER}\n")
    second = world.run("publish", "dev", "shared", "images.txt", "dev").stdout.strip()
    world.git("fetch", "--quiet", "origin", "main")
    world.git("checkout", "--quiet", "--detach", "origin/main")
    (world.clone / "later").write_text("later")
    world.commit("Later")
    world.git("push", "--quiet", "origin", "HEAD:refs/heads/main")
    world.program("git", PUSHED_MEANWHILE)
    said = world.run("rollback", "dev", "shared", second)
    assert said.stdout.strip() == world.main()
    assert "::error::dev is not well" in said.stderr
    world.git("fetch", "--quiet", "origin", "main")
    assert world.git("show", "origin/main:deployed/shared/dev.images") == f"was@{DIGEST}"
    assert world.git("show", "origin/main:later") == "later"
    assert world.git("ls-tree", "--name-only", "origin/main", "theirs") == "theirs"


def test_a_release_is_what_the_stage_before_still_runs(world: World) -> None:
    """The digests are those of the released commit; another branch, or a stage that went on, is refused."""
    world.program("seawall", SEAWALL)
    assert "had run nothing by then" in world.run("released", "dev", "shared", status=1).stderr
    world.run("publish", "dev", "shared", "images.txt", "dev")
    world.git("fetch", "--quiet", "origin", "main")
    world.git("checkout", "--quiet", "--detach", "origin/main")
    released = world.git("rev-parse", "HEAD")
    assert world.run("released", "dev", "shared").stdout == f"was@{DIGEST}\n"
    (world.clone / "images.txt").write_text(f"was@{OTHER}\n")
    world.run("publish", "dev", "shared", "images.txt", "dev")
    world.git("checkout", "--quiet", "--force", "--detach", released)
    assert "runs something else by now" in world.run("released", "dev", "shared", status=1).stderr
    (world.clone / "aside").write_text("aside")
    world.commit("Aside")
    assert "not on main" in world.run("released", "dev", "shared", status=1).stderr


def _application(world: World, name: str, synced: str, health: str, revision: str, environment: str = "dev") -> None:
    metadata = {"name": name, "labels": {"environment": environment}}
    status = {"sync": {"status": synced, "revision": revision}, "health": {"status": health}}
    body = {"metadata": metadata, "spec": {"syncPolicy": {"syncOptions": ["PruneLast=true"]}}, "status": status}
    (world.folder / f"{name}.json").write_text(json.dumps(body))


def _waiting(world: World) -> str:
    """A commit that has deployed two applications of two stages."""
    for name in ("app", "other"):
        folder = world.clone / "deployed" / "shared" / name
        folder.mkdir(parents=True)
        (folder / "kustomization.yaml").write_text("resources: []\n")
    commit = world.commit("Deploy")
    world.git("push", "--quiet", "origin", "HEAD:refs/heads/main")
    world.program("kubectl", ARGO_CD)
    world.program("aws", AWS)
    world.program("sleep", "#!/bin/sh\n")
    return commit


def test_waiting_ends_when_argo_cd_has_applied_it_and_all_is_well(world: World) -> None:
    """A later commit of the branch holds it too; another stage's application is not looked at; it is told to sync."""
    commit = _waiting(world)
    (world.clone / "more").write_text("more")
    later = world.commit("More")
    _application(world, "app", "Synced", "Healthy", later)
    _application(world, "other", "OutOfSync", "Degraded", "none", environment="prod")
    said = world.run("wait", "shared", "dev", commit, "shop-shared=eu-west-1", SYNC="yes")
    assert f"1 applications hold {commit[:12]} and are healthy" in said.stdout
    patched = json.loads((world.folder / "patched-app").read_text())
    assert patched["operation"]["sync"] == {"revision": commit, "prune": True, "syncOptions": ["PruneLast=true"]}
    assert not (world.folder / "patched-other").exists()


def test_waiting_fails_where_it_is_ill_or_never_comes(world: World) -> None:
    """Degraded for a while, at an older commit, or unknown to Argo CD: each is said with its name."""
    commit = _waiting(world)
    arguments = ("shared", "dev", commit, "shop-shared=eu-west-1")
    _application(world, "other", "Synced", "Healthy", commit, environment="prod")
    _application(world, "app", "Synced", "Degraded", commit)
    assert "app is Degraded" in world.run("wait", *arguments, status=1).stderr
    _application(world, "app", "Synced", "Healthy", world.git("rev-parse", f"{commit}~1"))
    assert "app is Synced at" in world.run("wait", *arguments, status=1, PATIENCE="0").stderr
    assert "knows no application of test" in world.run(
        "wait", "shared", "test", commit, "shop-shared=eu-west-1", status=1
    ).stderr  # fmt: skip


def test_an_image_is_built_once(world: World) -> None:
    """What is there under its commit is not built again; what is not is pushed, and its digest printed alone."""
    world.program("aws", AWS)
    world.program("docker", NOTED)
    variables = {"TITLE": "shop-dev", "COMMIT": "abc", "AWS_REGION": "eu-west-1", "BUILT": OTHER}
    assert world.run("build", "was", "app", "linux/amd64", **variables).stdout == f"was@{OTHER}\n"
    (build,) = world.calls("docker buildx build")
    assert "--push" in build
    assert "--tag 123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop-dev/was:abc" in build
    (world.folder / "there").write_text(f"{DIGEST}\n")
    assert world.run("build", "was", "app", "linux/amd64", **variables).stdout == f"was@{DIGEST}\n"
    assert len(world.calls("docker buildx build")) == 1
    (world.folder / "there").unlink()
    said = world.run("build", "was", "app", "linux/amd64", status=1, **{**variables, "BUILT": ""})
    assert "has nothing under abc" in said.stderr


def test_an_image_is_copied_by_digest_into_every_region(world: World) -> None:
    """From the registry of the stage before into each of this one's, unless it is there."""
    world.program("aws", AWS)
    world.program("skopeo", NOTED)
    arguments = ("images.txt", "shop-dev=eu-west-1", "shop-prod=eu-west-1", "shop-prod-far=us-east-1")
    world.run("copy", *arguments, COMMIT="abc", SOURCE_ACCOUNT="210987654321")
    source = f"docker://210987654321.dkr.ecr.eu-west-1.amazonaws.com/shop-dev/was@{DIGEST}"
    copies = world.calls("skopeo copy")
    assert [copy.split()[-2:] for copy in copies] == [
        [source, "docker://123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop-prod/was:abc"],
        [source, "docker://123456789012.dkr.ecr.us-east-1.amazonaws.com/shop-prod-far/was:abc"],
    ]
    assert all("--preserve-digests" in copy for copy in copies)
    (world.folder / "there").write_text(f"{DIGEST}\n")
    world.run("copy", *arguments, COMMIT="abc")
    assert len(world.calls("skopeo copy")) == 2


def test_a_comment_is_written_anew_in_its_place(world: World) -> None:
    """The first time it is posted, then changed; what a plan says is quoted whole, whatever it holds."""
    world.program("gh", GITHUB)
    (world.clone / "plan.txt").write_text('+ "a" `b` $c\n')
    arguments = ("7", "Plan of dev", "plan.txt")
    world.run("comment", *arguments, GITHUB_REPOSITORY="me/shop")
    assert "--method POST repos/me/shop/issues/7/comments" in world.calls("gh api --method")[0]
    assert '+ "a" `b` $c' in json.loads((world.folder / "bodies").read_text())["body"]
    (world.folder / "comment").write_text("99\n")
    world.run("comment", *arguments, GITHUB_REPOSITORY="me/shop")
    assert "--method PATCH repos/me/shop/issues/comments/99" in world.calls("gh api --method")[1]


def test_environments_are_protected(world: World) -> None:
    """A stage that somebody has to agree to has reviewers, and takes release tags alone; another takes the branch."""
    world.program("gh", GITHUB)
    world.run("protect", "me/shop", "main", "owners", "dev", "prod!")
    text = (world.folder / "bodies").read_text()
    bodies = []
    decoder = json.JSONDecoder()
    while text.strip():
        body, end = decoder.raw_decode(text.lstrip())
        bodies.append(body)
        text = text.lstrip()[end:]
    own = {"protected_branches": False, "custom_branch_policies": True}
    assert bodies == [
        {"deployment_branch_policy": own},
        {"name": "main", "type": "branch"},
        {"deployment_branch_policy": own, "prevent_self_review": True, "reviewers": [{"type": "Team", "id": 7}]},
        {"name": "v*", "type": "tag"},
        {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": False},
    ]


def test_a_profile_keeps_no_key(world: World) -> None:
    """Jenkins takes a role on from that of its instance; there is nothing secret in what is written."""
    said = world.run("profile", "123456789012", "shop-dev-deploy", "eu-west-1").stdout
    assert "role_arn = arn:aws:iam::123456789012:role/shop-dev-deploy" in said
    assert "credential_source = Ec2InstanceMetadata" in said
    assert "key" not in said
