"""The declarative Jenkinsfile, which runs the same scripts as the workflows.

Directives and steps: jenkins.io, "Pipeline Syntax"; `junit`, `slackSend`, `gitUsernamePassword` and `archiveArtifacts`
are those of the plugins junit, slack, git and core. No key is kept: Jenkins runs on an instance whose role may take on
the platform's, for as long as a stage needs it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from seawall.components.pipelines import commands
from seawall.components.pipelines.commands import LINTERS, SEAWALL, Told, agreed, listed, shown, waiting
from seawall.components.pipelines.places import Place, Purpose

AGENT = "delivery"
"""The label of the agents: with Docker, Python, Terraform, kubectl, skopeo, jq and the AWS CLI."""
REPOSITORY = "repository"
"""The id of the credential that git fetches and pushes with: a GitHub App's, which ends by itself."""
SUBMITTERS = "release-managers"
CHANNEL = "#deployments"
OURS = "environment name: 'DELIVERED_BY', value: 'jenkins'"
"""Where GitHub could deliver too, one of the two does: a variable of both says which."""


def jenkinsfile(told: Told) -> str:
    """The whole file."""
    lines = [
        "// Written by `seawall compile` from platform.yaml: change that, compile, and take this over again.",
        "pipeline {",
        *_indented(_head()),
        *_indented(_block("stages", _stages(told))),
        *_indented(_block("post", _post())),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _head() -> Iterator[str]:
    yield "agent none"
    yield from _block(
        "options",
        [
            "disableConcurrentBuilds()",
            "buildDiscarder(logRotator(numToKeepStr: '50'))",
            "skipStagesAfterUnstable()",
            "timeout(time: 2, unit: 'DAYS')",
            "timestamps()",
        ],
    )
    yield from _block("environment", [f"SEAWALL = {_quoted(SEAWALL)}", "SEAWALL_TARGET = 'aws'"])


def _stages(told: Told) -> Iterator[str]:
    first = told.automatic[0] if told.automatic else None
    checked = [
        *_stage("Lint", [_sh(_linting(told))]),
        *_stage(
            "Test", list(_tests(told)), post=["always { junit testResults: '**/TEST-*.xml', allowEmptyResults: true }"]
        ),
        *_stage(
            "Compile and check",
            [_sh([_install('"$SEAWALL"'), *commands.compiled(told), *commands.findings(told)])],
            post=["always { archiveArtifacts artifacts: 'findings/*.sarif', allowEmptyArchive: true }"],
        ),
    ]
    if first is not None:
        checked += _stage("Build", list(_build(told, first)), when=_on(told))
        for place in told.automatic:
            checked += _stage(f"Deploy {place.name}", list(_deployed(told, place)), when=_on(told))
    for place in told.approved:
        checked += _stage(f"Show {place.name}", list(_shown(told, place)), when=["buildingTag()", OURS])
    yield from _stage("Check and build", [], agent=True, minutes=180, inner=checked)
    for place in told.approved:
        when = ["beforeInput true", "buildingTag()", OURS]
        yield from _stage(f"Agree to {place.name}", ["echo 'Agreed.'"], when=when, asked=place)
        steps = [f"unstash 'approved-{place.name}'", *_deployed(told, place)]
        when = ["beforeAgent true", "buildingTag()", OURS]
        yield from _stage(f"Deploy {place.name}", steps, agent=True, when=when, minutes=120)


def _linting(told: Told) -> Iterator[str]:
    yield _install(" ".join(LINTERS))
    if told.images:
        yield f"hadolint {commands.dockerfiles(told)}"
    yield "shellcheck pipeline/*.sh"
    yield "yamllint --strict --config-file pipeline/yamllint.yaml platform.yaml"


def _install(packages: str) -> str:
    return f"python3 -m venv .venv\n{_activate()}\npython3 -m pip install --quiet {packages}"


def _tests(told: Told) -> Iterator[str]:
    tested = [(image.context, image.test) for image in told.images.values() if image.test]
    for folder, command in tested:
        yield f"dir({_quoted(folder)}) {{ sh {_quoted(command)} }}"
    if not tested:
        yield "echo 'No image has a test.'"


def _build(told: Told, place: Place) -> Iterator[str]:
    yield _role(place, "build")
    first, *rest = listed()
    lines = [first]
    for name, image in told.images.items():
        file = name.replace("/", "-")
        lines.append(
            f"TITLE={place.title} COMMIT=$GIT_COMMIT AWS_REGION={place.region} "
            f"bash pipeline/build.sh {name} {image.context} {','.join(image.platforms)} > images/{file}"
        )
    yield _sh([*lines, *rest])


def _shown(told: Told, place: Place) -> Iterator[str]:
    yield _role(place, "show")
    yield from _pushing(told, [_sh([_activate(), *shown(place), "cat approved/images.txt plan.txt"])])
    yield "archiveArtifacts artifacts: 'approved/*, plan.txt'"
    yield f"stash name: 'approved-{place.name}', includes: 'approved/*'"


def _deployed(told: Told, place: Place) -> Iterator[str]:
    yield _role(place, place.deploying)
    before = [_install('"$SEAWALL"')] if place.approval else [_activate()]
    if place.approval:
        before += [*agreed(place), "cp approved/images.txt images.txt"]
    if place.applies:
        before.append(f'seawall up {place.where} --target "$SEAWALL_TARGET" --yes --stacks-only')
    if copied := place.copying:
        before.append(f"COMMIT=$GIT_COMMIT SOURCE_ACCOUNT=${place.source.account} {copied}")
    yield _sh(before)
    sync = "SYNC=yes " if place.approval else ""
    labels = " ".join(place.labels)
    published = _sh(
        [
            _activate(),
            f"export BRANCH={told.branch}",
            "rm -f published",
            f"bash pipeline/publish.sh {place.name} {place.environment} images.txt {labels} > published",
            "commit=$(cat published)",
            f"{sync}{waiting(place, '${commit:-$GIT_COMMIT}')}",
            f'seawall validate {place.where} --target "$SEAWALL_TARGET"',
        ]
    )
    back = _sh(
        [
            _activate(),
            f"export BRANCH={told.branch}",
            "test -s published || exit 0",
            f'commit=$(bash pipeline/rollback.sh {place.name} {place.environment} "$(cat published)")',
            f"{sync}{waiting(place, '$commit')}",
        ]
    )
    yield from _pushing(
        told,
        [
            *_block("script", [*_block("try", [published]),
                               *_block("catch (failure)", [back, "throw failure"])]),
        ],
    )  # fmt: skip


def _role(place: Place, purpose: Purpose) -> str:
    """Have the AWS CLI, Terraform and boto3 take on a role by themselves, from that of the instance."""
    return _sh(
        [f'bash pipeline/profile.sh "${place.account}" {place.role(purpose)} {place.region} > "$AWS_CONFIG_FILE"']
    )


def _pushing(told: Told, steps: Sequence[str]) -> list[str]:
    return _block(
        f"withCredentials([gitUsernamePassword(credentialsId: '{REPOSITORY}', gitToolName: 'Default')])", steps
    )


def _activate() -> str:
    return ". .venv/bin/activate"


def _on(told: Told) -> list[str]:
    """On the branch, unless all that has changed is what a pipeline wrote itself: that would never end."""
    cause = "anyOf { triggeredBy 'UserIdCause'; triggeredBy 'BranchIndexingCause'; %s }"
    return [
        OURS,
        f"branch {_quoted(told.branch)}",
        cause % "changeset pattern: '^(?!deployed/).*', comparator: 'REGEXP'",
    ]


def _post() -> Iterator[str]:
    said = "${env.JOB_NAME} ${env.BUILD_DISPLAY_NAME}: ${currentBuild.currentResult} (${env.BUILD_URL})"
    yield f"failure {{ slackSend channel: '{CHANNEL}', color: 'danger', message: \"{said}\" }}"
    yield f"fixed {{ slackSend channel: '{CHANNEL}', color: 'good', message: \"{said}\" }}"


def _stage(
    name: str,
    steps: Sequence[str],
    *,
    agent: bool = False,
    when: Sequence[str] = (),
    minutes: int = 0,
    asked: Place | None = None,
    inner: Sequence[str] = (),
    post: Sequence[str] = (),
) -> list[str]:
    lines: list[str] = []
    if agent:
        lines.append(f"agent {{ label '{AGENT}' }}")
    if asked is not None:
        lines += _block("options", ["timeout(time: 1, unit: 'DAYS')"])
        lines += _block(
            "input",
            [
                f"message {_quoted(f'Deploy to {asked.name} the plan and the digests that were shown?')}",
                f"ok {_quoted(f'Deploy {asked.name}')}",
                f"submitter '{SUBMITTERS}'",
            ],
        )
    elif minutes:
        lines += _block("options", [f"timeout(time: {minutes}, unit: 'MINUTES')"])
    if agent:
        lines += _block("environment", ['AWS_CONFIG_FILE = "${WORKSPACE_TMP}/aws-config"'])
    if when:
        lines += _block("when", when)
    lines += _block("stages", inner) if inner else _block("steps", steps)
    if post:
        lines += _block("post", post)
    return _block(f"stage({_quoted(name)})", lines)


def _block(head: str, inside: Iterable[str]) -> list[str]:
    return [f"{head} {{", *_indented(inside), "}"]


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"    {line}" if line else "" for entry in lines for line in entry.split("\n")]


def _sh(lines: Iterable[str]) -> str:
    """A script for bash; Groovy puts nothing into it."""
    body = "\n".join(f"    {line}" for entry in ("set -euo pipefail", *lines) for line in entry.split("\n"))
    escaped = body.replace("\\", "\\\\").replace("'''", "\\'\\'\\'")
    return f"sh '''#!/usr/bin/env bash\n{escaped}\n'''"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
