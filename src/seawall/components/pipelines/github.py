"""The workflows of GitHub Actions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from seawall.components.code_host import HOURS_TO_DEPLOY
from seawall.components.pipelines import actions, commands
from seawall.components.pipelines.commands import LINTERS, SEAWALL, Told
from seawall.components.pipelines.places import Place, Purpose
from seawall.components.pipelines.workflow import SHELL, step, use

# `$/` before it is this repository at the commit that runs (github.blog, changelog of 2026-07-30).
CHECKS: Final = "checks.yml"
_HEAD: Final = "github.event.pull_request.head.repo.full_name"
_AUTHOR: Final = "github.event.pull_request.user.login"
# GitHub gives the token of neither a fork nor Dependabot anything to write, nor one for AWS.
OURS: Final = f"{_HEAD} == github.repository && {_AUTHOR} != 'dependabot[bot]'"
NOT_OURS: Final = f"{_HEAD} != github.repository || {_AUTHOR} == 'dependabot[bot]'"
DELIVERED_BY: Final = "vars.DELIVERED_BY != 'jenkins'"
"""Where Jenkins could deliver too, one of the two does."""
RUNNER: Final = "ubuntu-24.04"
# A cluster's API answers inside its network, so whatever speaks to one needs a runner of one's own there.
INSIDE: Final = "${{ vars.DEPLOY_RUNNER || 'ubuntu-24.04' }}"
TERRAFORM: Final = "1.14.0"
READ: Final = {"contents": "read"}
ASSUME: Final = {"contents": "read", "id-token": "write"}
WRITE: Final = {"contents": "write", "id-token": "write"}


def workflows(told: Told) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and body of every workflow."""
    yield CHECKS, _checks(told)
    yield "pull-request.yml", _pull_request(told)
    if told.automatic:
        yield "development.yml", _development(told)
    if told.approved:
        yield "release.yml", _release(told)


# -- what a pull request and a merge have in common --------------------------------------------------------------------


def _checks(told: Told) -> dict[str, Any]:
    # What a called workflow may do is what its caller lets it do, job by job.
    return _workflow("Checks", {"workflow_call": {}}) | {
        "jobs": {
            "lint": _job("Lint", READ, 10, [*_checkout(), *_lint(told)]),
            **_tests(told),
            "synthesise": _job("Compile and check", READ, 15, [*_checkout(), *_seawall(), *_synthesise(told)]),
        }
    }


def _lint(told: Told) -> Iterator[dict[str, Any]]:
    yield use(actions.PYTHON, "Set up Python", {"python-version": "3.13"})
    yield step("Install the linters", f"python3 -m pip install --quiet {' '.join(LINTERS)}")
    if told.images:
        yield step("Lint Dockerfiles", f"hadolint {commands.dockerfiles(told)}")
    yield step("Lint scripts", "shellcheck pipeline/*.sh")
    yield step("Lint YAML", "yamllint --strict --config-file pipeline/yamllint.yaml platform.yaml .github")


def _tests(told: Told) -> dict[str, Any]:
    tested = [
        {"image": name, "folder": image.context, "command": image.test}
        for name, image in told.images.items()
        if image.test
    ]
    if not tested:
        return {}
    env = {"FOLDER": "${{ matrix.folder }}", "COMMAND": "${{ matrix.command }}"}
    run = step("Test", 'cd "$FOLDER"\nbash -euo pipefail -c "$COMMAND"', env=env)
    return {"test": _job("Test ${{ matrix.image }}", READ, 30, [*_checkout(), run], matrix=tested)}


def _synthesise(told: Told) -> Iterator[dict[str, Any]]:
    yield step("Compile", "\n".join(commands.compiled(told)))
    yield step("Compare with what is committed", "\n".join(commands.committed(told)))
    yield step("Check", "\n".join(commands.findings(told)))
    # A finding ends the step above, and is to be seen all the same.
    yield _keep("the findings", "findings", "findings") | {"if": "always()"}


# -- a pull request ----------------------------------------------------------------------------------------------------


def _pull_request(told: Told) -> dict[str, Any]:
    planned = list({place.environment: place for place in told.places}.values())
    jobs: dict[str, Any] = {
        "checks": {"name": "Checks", "permissions": READ, "uses": f"$/.github/workflows/{CHECKS}"},
        "findings": _job(
            "Findings",
            {"security-events": "write"},
            10,
            [
                _fetch("the findings", "findings", "findings"),
                use(actions.SARIF, "Show them beside the code", {"sarif_file": "findings", "category": "seawall"}),
            ],
            needs="checks",
            condition=f"always() && {OURS}",
        ),
        "plan": _job(
            "Plan ${{ matrix.environment }}",
            ASSUME,
            30,
            [*_checkout(), *_seawall(terraform=True), *_plan()],
            matrix=[
                {
                    "environment": place.environment,
                    "region": place.region,
                    "role": f"arn:aws:iam::${{{{ vars.{place.account} }}}}:role/{place.role('plan')}",
                }
                for place in planned
            ],
            condition=OURS,
        ),
        "comment": _job(
            "Show the plans",
            {"contents": "read", "pull-requests": "write"},
            10,
            [
                *_checkout(),
                _fetch("the plans", "plan-*", "plans"),
                step(
                    "Comment",
                    "for file in plans/*.txt; do\n"
                    '  bash pipeline/comment.sh "$NUMBER" "Plan of $(basename "$file" .txt)" "$file"\n'
                    "done",
                    env={"GH_TOKEN": "${{ github.token }}", "NUMBER": "${{ github.event.pull_request.number }}"},
                ),
            ],
            needs="plan",
        ),
        "stranger": _job(
            "No plan",
            {},
            5,
            [
                step(
                    "Say why",
                    'echo "This comes from a fork or from Dependabot, which get no role of ours: nothing is planned. A'
                    ' maintainer can push the branch here to see what it would change." >> "$GITHUB_STEP_SUMMARY"',
                )
            ],
            condition=NOT_OURS,
        ),
    }
    if told.images:
        jobs["image"] = _job(
            "Build and scan ${{ matrix.image }}",
            READ,
            45,
            [
                *_checkout(),
                step(
                    "Build, and push nothing",
                    'docker build --tag "scanned:$IMAGE" "$FOLDER"',
                    env={"IMAGE": "${{ matrix.image }}", "FOLDER": "${{ matrix.folder }}"},
                ),
                _scan(),
            ],
            matrix=[{"image": name, "folder": image.context} for name, image in told.images.items()],
        )
    started = {"pull_request": {"branches": [told.branch]}}
    group = "pull-request-${{ github.event.pull_request.number }}"
    return _workflow("Pull request", started, group=group, cancel=True) | {"jobs": jobs}


def _plan() -> Iterator[dict[str, Any]]:
    yield use(
        actions.CREDENTIALS,
        "Take on the role that may only look",
        {"role-to-assume": "${{ matrix.role }}", "aws-region": "${{ matrix.region }}"},
    )
    yield step(
        "Plan",
        'mkdir -p plans\nseawall plan platform.yaml --environment "$ENVIRONMENT" --target "$SEAWALL_TARGET" '
        '--no-secrets > "plans/$ENVIRONMENT.txt"',
        env={"ENVIRONMENT": "${{ matrix.environment }}"},
    )
    yield _keep("the plan", "plan-${{ matrix.environment }}", "plans")


def _scan() -> dict[str, Any]:
    given = {
        "image-ref": "scanned:${{ matrix.image }}",
        "severity": "HIGH,CRITICAL",
        "ignore-unfixed": True,
        "exit-code": "1",
    }
    return use(actions.TRIVY, "Scan", given)


# -- a merge -----------------------------------------------------------------------------------------------------------


def _development(told: Told) -> dict[str, Any]:
    jobs: dict[str, Any] = {"checks": {"name": "Checks", "permissions": READ, "uses": f"$/.github/workflows/{CHECKS}"}}
    first, before = told.automatic[0], "checks"
    if told.images:
        jobs["build"] = _build(told, first)
        before = "build"
    for place in told.automatic:
        steps = [
            *_checkout(history=True),
            *_seawall(terraform=True),
            *_role(place, place.deploying),
            *_delivered(place, list(_images(told))),
        ]
        jobs[place.name] = _stage(place, steps, needs=before)
        before = place.name
    # What pipelines write of an environment starts none of them.
    started = {"push": {"branches": [told.branch], "paths-ignore": ["deployed/**"]}}
    return _workflow("Development", started, branch=told.branch, group="development") | {"jobs": jobs}


def _build(told: Told, place: Place) -> dict[str, Any]:
    env = {
        "IMAGE": "${{ matrix.image }}",
        "FOLDER": "${{ matrix.folder }}",
        "FILE": "${{ matrix.file }}",
        "PLATFORMS": "${{ matrix.platforms }}",
        "TITLE": place.title,
        "COMMIT": "${{ github.sha }}",
    }
    steps = [
        *_checkout(),
        *_role(place, "build"),
        step(
            "Build and push",
            'mkdir -p images\nbash pipeline/build.sh "$IMAGE" "$FOLDER" "$PLATFORMS" > "images/$FILE"',
            env=env,
        ),
        _keep("the digest", "image-${{ matrix.file }}", "images"),
    ]
    matrix = [
        {
            "image": name,
            "file": name.replace("/", "-"),
            "folder": image.context,
            "platforms": ",".join(image.platforms),
        }
        for name, image in told.images.items()
    ]
    return _job(
        "Build ${{ matrix.image }}", ASSUME, 60, steps, matrix=matrix, needs="checks", condition=_deliverer(told)
    )


def _images(told: Told) -> Iterator[dict[str, Any]]:
    if told.images:
        yield _fetch("the digests", "image-*", "images")
    yield step("List the images", "\n".join(commands.listed()))


# -- a release ---------------------------------------------------------------------------------------------------------


def _release(told: Told) -> dict[str, Any]:
    jobs: dict[str, Any] = {}
    needs: list[str] = []
    for place in told.approved:
        show = f"show-{place.name}"
        jobs[show] = _job(
            f"Show what {place.name} would get",
            ASSUME,
            30,
            [*_checkout(history=True), *_seawall(terraform=True), *_role(place, "show"), *_shown(place)],
            needs=needs,
            condition=_deliverer(told),
        )
        steps = [
            *_checkout(history=True),
            *_seawall(terraform=True),
            _fetch("what was agreed to", f"approved-{place.name}", "approved"),
            *_role(place, place.deploying),
            *_agreed(place),
            *_delivered(place, [step("List the images", "cp approved/images.txt images.txt\ncat images.txt")]),
        ]
        jobs[place.name] = _stage(place, steps, needs=show)
        needs = [place.name]
    started = {"release": {"types": ["published"]}}
    return _workflow("Release", started, branch=told.branch, group="release") | {"jobs": jobs}


def _shown(place: Place) -> Iterator[dict[str, Any]]:
    yield step("Plan, and ask which images the stage before runs", "\n".join(commands.shown(place)))
    yield step(
        "Show what is to be agreed to",
        "{\n"
        f"  echo '## What {place.name} gets'\n"
        "  echo '```'\n"
        "  cat approved/images.txt plan.txt\n"
        "  echo '```'\n"
        '} >> "$GITHUB_STEP_SUMMARY"',
    )
    yield _keep("it", f"approved-{place.name}", "approved")


def _agreed(place: Place) -> Iterator[dict[str, Any]]:
    if lines := commands.agreed(place):
        yield step("Compare with what was agreed to", "\n".join(lines))


# -- a stage -----------------------------------------------------------------------------------------------------------


def _stage(place: Place, steps: Sequence[Mapping[str, Any]], *, needs: str) -> dict[str, Any]:
    return _job(
        f"Deploy {place.name}",
        WRITE,
        120,
        steps,
        needs=needs,
        environment=place.name,
        runner=INSIDE,
        group=f"deploy-{place.environment}",
    )


def _delivered(place: Place, images: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The way of a version into a stage, from the images to the smoke tests, and back where it is not well."""
    token = {"GH_TOKEN": "${{ github.token }}"}
    yield from images
    if place.applies:
        yield step("Bring up", f'seawall up {place.where} --target "$SEAWALL_TARGET" --yes --stacks-only')
    if copied := _copied(place):
        yield copied
    yield step("Let git push as this job", "gh auth setup-git", env=token)
    yield step(
        "Publish",
        f"commit=$(bash pipeline/publish.sh {place.name} {place.environment} images.txt {' '.join(place.labels)})\n"
        'echo "commit=$commit" >> "$GITHUB_OUTPUT"',
        env=token,
        id="publish",
    )
    sync = {"SYNC": "yes"} if place.approval else {}
    yield step(
        "Wait for Argo CD",
        commands.waiting(place, "$COMMIT"),
        env={"COMMIT": "${{ steps.publish.outputs.commit || github.sha }}", **sync},
    )
    yield step("Smoke tests", f'seawall validate {place.where} --target "$SEAWALL_TARGET"')
    yield step(
        "Roll back",
        f'commit=$(bash pipeline/rollback.sh {place.name} {place.environment} "$PUBLISHED")\n'
        + commands.waiting(place, "$commit"),
        env={"PUBLISHED": "${{ steps.publish.outputs.commit }}", **token, **sync},
        **{"if": "failure() && steps.publish.outputs.commit != ''"},
    )


def _copied(place: Place) -> dict[str, Any] | None:
    """How images come from the stage before into the registries that the stage pulls from."""
    if not place.copying:
        return None
    env = {"COMMIT": "${{ github.sha }}", "SOURCE_ACCOUNT": f"${{{{ vars.{place.source.account} }}}}"}
    return step("Copy the images", place.copying, env=env)


# -- parts -------------------------------------------------------------------------------------------------------------


def _workflow(
    name: str, on: Mapping[str, Any], *, branch: str = "", group: str = "", cancel: bool = False
) -> dict[str, Any]:
    found: dict[str, Any] = {"name": name, "on": on, "permissions": {}}
    if group:
        found["concurrency"] = {"group": group, "cancel-in-progress": cancel}
    found["defaults"] = {"run": {"shell": SHELL}}
    variables = {"SEAWALL": SEAWALL, "SEAWALL_TARGET": "aws"}
    return found | {"env": variables | ({"BRANCH": branch} if branch else {})}


def _job(
    name: str,
    permissions: Mapping[str, str],
    minutes: int,
    steps: Sequence[Mapping[str, Any]],
    *,
    matrix: Sequence[Mapping[str, Any]] = (),
    needs: str | Sequence[str] = (),
    condition: str = "",
    environment: str = "",
    runner: str = RUNNER,
    group: str = "",
) -> dict[str, Any]:
    found: dict[str, Any] = {"name": name}
    if needs:
        found["needs"] = needs
    if condition:
        found["if"] = condition
    found |= {"permissions": permissions, "runs-on": runner, "timeout-minutes": minutes}
    if environment:
        found["environment"] = environment
    if group:
        found["concurrency"] = {"group": group, "cancel-in-progress": False}
    if matrix:
        found["strategy"] = {"fail-fast": False, "matrix": {"include": list(matrix)}}
    return found | {"steps": list(steps)}


def _checkout(*, history: bool = False) -> Iterator[dict[str, Any]]:
    depth = {"fetch-depth": 0} if history else {}
    yield use(actions.CHECKOUT, "Check out", {"persist-credentials": False} | depth)


def _seawall(*, terraform: bool = False) -> Iterator[dict[str, Any]]:
    yield use(actions.PYTHON, "Set up Python", {"python-version": "3.13"})
    yield step("Install Seawall", 'python3 -m pip install --quiet "$SEAWALL"')
    if terraform:
        yield use(actions.TERRAFORM, "Set up Terraform", {"terraform_version": TERRAFORM, "terraform_wrapper": False})


def _role(place: Place, purpose: Purpose) -> Iterator[dict[str, Any]]:
    role = f"arn:aws:iam::${{{{ vars.{place.account} }}}}:role/{place.role(purpose)}"
    given: dict[str, Any] = {"role-to-assume": role, "aws-region": place.region}
    if purpose == "deploy":
        # A database of several zones alone can take most of an hour.
        given["role-duration-seconds"] = HOURS_TO_DEPLOY * 3600
    yield use(actions.CREDENTIALS, "Take on the role", given)


def _deliverer(told: Told) -> str:
    return DELIVERED_BY if told.jenkins else ""


def _keep(what: str, name: str, path: str) -> dict[str, Any]:
    return use(actions.UPLOAD, f"Keep {what}", {"name": name, "path": path})


def _fetch(what: str, name: str, path: str) -> dict[str, Any]:
    given: dict[str, Any] = {"pattern": name, "merge-multiple": True} if "*" in name else {"name": name}
    return use(actions.DOWNLOAD, f"Fetch {what}", given | {"path": path})
