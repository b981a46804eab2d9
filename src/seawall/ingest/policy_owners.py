"""Which thing of an estate a policy belongs to that stands in a file called after it: ``orders.queue.json``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from glob import escape
from typing import Final

from seawall.graph.resource import Resource
from seawall.ingest.identities import Identities
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Text, Unknown


@dataclass(frozen=True, slots=True)
class Piece:
    """What an ending means: the type of the attachment, the argument that names the thing, and the thing.

    ``by`` is the argument of the thing that holds its name; a key has none, but for its aliases.
    """

    type: str
    argument: str
    things: tuple[str, ...]
    by: str


PIECES: Final = {
    "bucket": Piece("aws_s3_bucket_policy", "bucket", ("aws_s3_bucket",), "bucket"),
    "queue": Piece("aws_sqs_queue_policy", "queue_url", ("aws_sqs_queue",), "name"),
    "topic": Piece("aws_sns_topic_policy", "arn", ("aws_sns_topic",), "name"),
    "key": Piece("aws_kms_key_policy", "key_id", ("aws_kms_key", "aws_kms_replica_key", "aws_kms_external_key"), ""),
    "secret": Piece(
        "aws_secretsmanager_secret_policy",
        "secret_arn",
        ("aws_secretsmanager_secret", "data.aws_secretsmanager_secret"),
        "name",
    ),
    "repository": Piece("aws_ecr_repository_policy", "repository", ("aws_ecr_repository",), "name"),
}

_ALIAS: Final = "aws_kms_alias"


def owner(ending: str, name: str, resources: Iterable[Resource], identities: Identities) -> Ref | Unknown | None:
    """The one thing that a name means; Unknown where several could be meant, None where the input has none.

    A thing is called as its argument says; one that AWS will name goes by what it is called in the input until then.
    """
    piece = PIECES[ending]
    exact: list[Ref] = []
    labelled: list[Ref] = []
    possible: list[Resource] = []
    for resource in resources:
        if resource.type not in piece.things and not (ending == "key" and resource.type == _ALIAS):
            continue
        if resource.type == _ALIAS:
            said, meant = resource.body.get("name"), f"alias/{name}"
            target = _target(resource, identities)
        else:
            said, meant = _said(resource, piece.by), name
            target = Ref(resource.address, "id")
        if said is None:
            if _label(resource.address) == name and target is not None:
                labelled.append(target)
        elif said == meant:
            if target is None:
                possible.append(resource)
            else:
                exact.append(target)
        elif _could_be(said, meant):
            possible.append(resource)
    if ending == "key" and not exact:
        exact.extend(_by_id(name, identities))
    found = tuple(dict.fromkeys(ref.to for ref in exact or labelled))
    if len(found) == 1:
        return Ref(found[0], "id")
    what = f"which {ending} {name} is"
    if found:
        return Unknown(what, why="several of the input have that name")
    if possible:
        return Unknown(what, why=f"{possible[0].address} may be it, and its name is known only later")
    return None


def _target(alias: Resource, identities: Identities) -> Ref | None:
    """The key that an alias stands for."""
    linked = identities.linked({"key": alias.body.get("target_key_id")}, alias.address)["key"]
    return linked if isinstance(linked, Ref) else None


def _by_id(name: str, identities: Identities) -> Iterator[Ref]:
    linked = identities.linked({"key": name}, Address(""))["key"]
    if isinstance(linked, Ref):
        yield linked


def _said(resource: Resource, by: str) -> object:
    """The name of a thing as its body says it; None where nothing does."""
    said = resource.body.get(by) if by else None
    prefix = resource.body.get(f"{by}_prefix") if by else None
    if said in (None, "") and isinstance(prefix, str) and prefix:
        return Text((prefix, Unknown(f"{resource.address}.{by}")))
    return None if said == "" else said


def _could_be(said: object, name: str) -> bool:
    """Whether a name that is not known in whole could be this one."""
    if isinstance(said, Text):
        # As fnmatch writes it no star makes another one try everything again.
        return fnmatchcase(name, "".join(escape(part) if isinstance(part, str) else "*" for part in said.parts))
    return not isinstance(said, str)


def _label(address: Address) -> str:
    """What a thing is called in its module or template."""
    return address.rpartition("." if address.as_terraform() else "/")[2]
