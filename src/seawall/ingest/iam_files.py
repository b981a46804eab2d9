"""Roles and policies in JSON files: what AWS's command line prints or takes, and bare documents named after an owner.

``docs/iam-files.md`` says which files are recognised, and whose a document is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import orjson

from seawall.graph.resource import Resource
from seawall.ingest.cloudformation.template import is_template
from seawall.ingest.folders import files_below
from seawall.ingest.identities import Identities
from seawall.ingest.policy_owners import PIECES, owner
from seawall.ingest.terraform import kind_of
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.json_documents import MAX_DEPTH, deeper_than, json_document
from seawall.kernel.origin import Origin
from seawall.kernel.value import Ref, Unknown

MAX_BYTES: Final = 32 * 2**20
"""The authorization details of a large account have some ten megabytes."""

# Whoever holds one of the first seven is a file of IAM's even where it cannot be read.
_MARKS = (
    b'"Statement"', b'"RoleName"', b'"AssumeRolePolicyDocument"', b'"PolicyDocument"', b'"RoleDetailList"',
    b'"PolicyVersion"', b'"PolicyArn"', b'"ClientIDList"', b'"serviceAccount"',
)  # fmt: skip
_NAME = re.compile(r"[\w+=,.@-]{1,128}", re.ASCII)
_PRINCIPALS = {"RoleName": "role", "UserName": "user", "GroupName": "group"}
_DETAILS = {"RoleDetailList": "role", "UserDetailList": "user", "GroupDetailList": "group"}
_DOCUMENT = frozenset({"Version", "Id", "Statement"})
_CONTROLS: Final = {"scp": "SERVICE_CONTROL_POLICY", "rcp": "RESOURCE_CONTROL_POLICY"}
_ROOT: Final = "r-root"
"""A control policy that is given with an account holds for it, wherever it is attached: as one of the root does."""
_OF_A_ROLE: Final = ("trust", "policy", "boundary")
_ENDING = re.compile(
    rf"(?P<name>.+)\.(?P<ending>{'|'.join((*_OF_A_ROLE, *PIECES, *_CONTROLS))})\.json", re.IGNORECASE | re.DOTALL
)
_OTHERS: Final = frozenset({"AWSTemplateFormatVersion", "Resources", "apiVersion"})
"""Keys of templates and of manifests, which may hold policies, too."""
_OF_OTHERS = re.compile(rf'"(?:{"|".join(sorted(_OTHERS))})"\s*:'.encode())
_WRAPPERS: Final = (
    "PolicyDocument", "ResourcePolicy", "policyText", "Policy", "Attributes", "PolicyVersion", "Document", "Content",
)  # fmt: skip
"""What the command line prints around a document: of secrets, repositories, buckets and keys, queues and topics."""


def is_iam_file(file: Path) -> bool:
    """Whether a file holds something of IAM's, as its content tells, or says by its name that it does.

    A file that is called after what a document belongs to is one whatever it holds, so that none is passed over in
    silence; only what is Terraform's, a template or a manifest is left to its readers.
    """
    named = _ENDING.fullmatch(file.name) is not None
    if not (named or file.suffix == ".json") or kind_of(file) is not None:
        return False
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except OSError:
        return False  # whoever reads it will say what is wrong
    if len(content) > MAX_BYTES:
        return named or any(f'"{key}"'.encode() in content for key in _DETAILS)
    if not (named or any(mark in content for mark in _MARKS)):
        return False
    try:
        data = orjson.loads(content.decode("utf-8-sig"))
    except (orjson.JSONDecodeError, UnicodeDecodeError):
        return named or (any(mark in content for mark in _MARKS[:7]) and _OF_OTHERS.search(content) is None)
    if not isinstance(data, Mapping) or _OTHERS.isdisjoint(data):
        return named or _is_said(data)
    of_others = {"apiVersion", "kind"} <= data.keys() or (
        isinstance(data.get("Resources"), Mapping) and is_template(file)
    )
    return named and not of_others


def iam_files(path: Path) -> Iterator[Path]:
    """The files of that kind in a folder, at any depth, or the file itself."""
    for file in files_below(path) if path.is_dir() else (path,):
        if is_iam_file(file):
            yield file


def iam(
    files: Iterable[Path], elsewhere: Iterable[Resource] = (), identities: Identities | None = None
) -> Iterator[Resource]:
    """What these files say, as resources; ``elsewhere`` are those of the same estate that come from other files.

    ``identities`` says which of those an id of a key means.
    Raises InputError with file and line for what cannot be read, for a document that does not say whose it is, and
    for two that say different things of one.
    """
    account = _Account(tuple(elsewhere), identities or Identities())
    for file in dict.fromkeys(files):
        account.file(file)
    yield from account.resources()


def _is_said(data: Any) -> bool:
    """Whether a value is one that ``_Account`` knows, or a list of such."""
    if isinstance(data, list):
        return bool(data) and all(isinstance(item, Mapping) and _is_said(item) for item in data)
    if not isinstance(data, Mapping):
        return False
    keys = data.keys()
    return (
        ("Statement" in keys and keys <= _DOCUMENT)
        or not keys.isdisjoint(_DETAILS)
        or _names_roles([data.get("Role")])
        or _names_roles(data.get("Roles"))
        or ("PolicyDocument" in keys and "PolicyName" in keys)
        or ("PolicyArn" in keys and not keys.isdisjoint(_PRINCIPALS))
        or ("RoleName" in keys and "AssumeRolePolicyDocument" in keys)
        or (isinstance(data.get("PolicyVersion"), Mapping) and "Document" in data["PolicyVersion"])
        or ("Url" in keys and "ClientIDList" in keys)
        or _association(data) is not None
    )


def _names_roles(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, Mapping) and "RoleName" in item for item in value)


def _association(data: Mapping[str, Any]) -> Mapping[str, Any] | None:
    found = data.get("association", data)
    if isinstance(found, Mapping) and {"clusterName", "namespace", "serviceAccount"} <= found.keys():
        return found
    return None


@dataclass
class _Account:
    """What is known of an account while its files are read."""

    elsewhere: tuple[Resource, ...]
    identities: Identities
    _found: dict[Address, Resource] = field(default_factory=dict)
    _bare: list[tuple[str, str, Any, Origin]] = field(default_factory=list)
    """Bare documents of roles: the role's name, what it is, its text, and where it stands."""

    def __post_init__(self) -> None:
        types = {f"aws_iam_{kind}": kind for kind in ("role", "user", "group")}
        self._made = {
            (types[resource.type], resource.body["name"])
            for resource in self.elsewhere
            if resource.type in types and isinstance(resource.body.get("name"), str)
        }
        self._mentioned: dict[tuple[str, str], Origin] = {}

    def file(self, file: Path) -> None:
        shown = str(file)
        try:
            if file.stat().st_size > MAX_BYTES:
                raise InputError(f"the file is larger than {MAX_BYTES // 2**20} MiB", origin=Origin(shown))
            text = file.read_bytes().decode("utf-8-sig")
        except OSError as error:
            raise InputError(f"cannot read {file}: {error.strerror}", origin=Origin(shown)) from None
        except UnicodeDecodeError as error:
            raise InputError(f"this is not UTF-8 text (byte {error.start})", origin=Origin(shown)) from None
        if _bare(text):
            self._document(file, text.strip())
            return
        data = json_document(text, shown)
        # What `get-policy-version` prints names nobody, so that here, too, the file's name says whose it is.
        anonymous = not _is_said(data) or (isinstance(data, Mapping) and "PolicyVersion" in data)
        if anonymous and _ENDING.fullmatch(file.name):
            self._document(file, _unwrapped(data, Origin(shown, 1)))
            return
        for item in data if isinstance(data, list) else [data]:
            self._object(item, file, text)

    def resources(self) -> Iterator[Resource]:
        # A policy's file may be called after a role that only the file of its trust makes known.
        for name, what, text, origin in sorted(self._bare, key=lambda bare: bare[1] == "policy"):
            self._of_role(name, what, text, origin)
        for (kind, name), origin in self._mentioned.items():
            if (kind, name) not in self._made and _address(kind, name) not in self._found:
                self._put(Resource(_address(kind, name), f"aws_iam_{kind}", {"name": name}, origin))
        for resource in self._found.values():
            yield self._with_known_groups(resource) if resource.type == "aws_iam_user_group_membership" else resource

    def _with_known_groups(self, resource: Resource) -> Resource:
        """A user's membership with a hole for each group of which the input does not say what it carries."""
        groups = [
            group
            if ("group", group) in self._made or _address("group", group) in self._found
            else Unknown(f"what the group {group} carries", why="the input has no such group")
            for group in resource.body["groups"]
        ]
        return Resource(resource.address, resource.type, {**resource.body, "groups": groups}, resource.origin)

    def _put(self, resource: Resource) -> None:
        earlier = self._found.setdefault(resource.address, resource)
        if earlier.body != resource.body:
            raise InputError(
                f"two files say different things of {resource.address}: the other is {earlier.origin.file}",
                fix="leave one of them out",
                origin=resource.origin,
            )

    def _object(self, data: Any, file: Path, text: str) -> None:
        origin = Origin(str(file), 1)
        if not isinstance(data, Mapping):
            raise InputError("a list of roles and policies holds objects", origin=origin)
        if data.get("IsTruncated") is True or data.get("NextToken") or data.get("Marker"):
            raise InputError(
                "this is a part of a longer list, and the rest is missing",
                fix="have the command line print all of it, without --max-items and --no-paginate",
                origin=origin,
            )
        for key, kind in _DETAILS.items():
            for item in _objects(data, key, origin):
                self._principal(kind, item, _line(text, origin, item.get(_key(kind))))
        if not data.keys().isdisjoint(_DETAILS):
            for item in _objects(data, "Policies", origin):
                self._managed(item, _line(text, origin, item.get("PolicyName")))
            return
        if isinstance(data.get("Role"), Mapping):
            self._principal("role", data["Role"], origin)
            return
        if isinstance(data.get("Roles"), list):
            for item in _objects(data, "Roles", origin):
                self._principal("role", item, _line(text, origin, item.get("RoleName")))
            return
        if isinstance(data.get("PolicyVersion"), Mapping):
            self._policy(file.name.removesuffix(".json"), "/", data["PolicyVersion"].get("Document"), origin)
            return
        if "ClientIDList" in data:
            self._issuer(data, origin)
            return
        association = _association(data)
        if association is not None:
            self._pod_identity(association, origin)
            return
        holder = next((key for key in _PRINCIPALS if key in data), None)
        if holder is None:
            self._policy(data.get("PolicyName"), data.get("Path"), data.get("PolicyDocument"), origin)
        elif "PolicyDocument" in data:
            self._inline(_PRINCIPALS[holder], data[holder], data, origin)
        elif "PolicyArn" in data:
            self._attached(_PRINCIPALS[holder], data[holder], data["PolicyArn"], origin)
        else:
            self._principal(_PRINCIPALS[holder], data, origin)

    def _principal(self, kind: str, data: Mapping[str, Any], origin: Origin) -> None:
        name = _named(data.get(_key(kind)), _key(kind), origin)
        path = self._arn(kind, name, data, origin)
        if (kind, name) in self._made:
            return  # what makes it says what it is
        body: dict[str, Any] = {"name": name}
        if path is not None:
            body["path"] = path
        if data.get("AssumeRolePolicyDocument") is not None:
            body["assume_role_policy"] = _policy_text(data["AssumeRolePolicyDocument"])
        boundary = data.get("PermissionsBoundary")
        if isinstance(boundary, Mapping):
            boundary = boundary.get("PermissionsBoundaryArn")
        if boundary:
            body["permissions_boundary"] = _string(boundary, "PermissionsBoundary", origin)
        tags = _tags(data, origin)
        if tags:
            body["tags"] = tags
        self._put(Resource(_address(kind, name), f"aws_iam_{kind}", body, origin))
        policies = f"{kind.capitalize()}PolicyList"
        for item in (*_objects(data, policies, origin), *_objects(data, "Policies", origin)):
            self._inline(kind, name, item, origin)
        attached = (*_listed(data, "AttachedManagedPolicies", origin), *_listed(data, "ManagedPolicyArns", origin))
        for policy in attached:
            arn = policy.get("PolicyArn") if isinstance(policy, Mapping) else policy
            self._attached(kind, name, arn, origin)
        groups = _listed(data, "GroupList", origin)
        if groups and kind == "user":
            body = {"user": name, "groups": [_named(group, "GroupList", origin) for group in groups]}
            self._put(Resource(Address(f"iam/user.{name}.groups"), "aws_iam_user_group_membership", body, origin))

    def _arn(self, kind: str, name: str, data: Mapping[str, Any], origin: Origin) -> str | None:
        """The path of a principal; an ARN that is given whole says which account it is of, and is kept for that."""
        path = data.get("Path")
        path = path if isinstance(path, str) else None
        match = _ARN.fullmatch(_string(data["Arn"], "Arn", origin)) if data.get("Arn") is not None else None
        if match is None:
            return path  # the number has been blotted out
        if (match["kind"], match["name"]) != (kind, name) or path not in (None, match["path"]):
            raise InputError(f"Arn is not that of the {kind} {name}", origin=origin)
        self._put(Resource(Address(f"iam/{kind}-arn.{name}"), "file/arn", {kind: name, "arn": match.group()}, origin))
        return match["path"]

    def _inline(self, kind: str, holder: Any, data: Mapping[str, Any], origin: Origin) -> None:
        name = _named(holder, _key(kind), origin)
        policy = _named(data.get("PolicyName"), "PolicyName", origin)
        body = {kind: name, "name": policy, "policy": _policy_text(data.get("PolicyDocument"))}
        self._mentioned.setdefault((kind, name), origin)
        self._put(Resource(_address(kind, f"{name}.policy.{policy}"), f"aws_iam_{kind}_policy", body, origin))

    def _attached(self, kind: str, holder: Any, arn: Any, origin: Origin) -> None:
        name = _named(holder, _key(kind), origin)
        policy = _string(arn, "PolicyArn", origin)
        self._mentioned.setdefault((kind, name), origin)
        # An ARN's colons would make an address of Terraform's out of it.
        own = re.sub(r"[^\w+=,.@-]", "-", policy)
        body = {kind: name, "policy_arn": policy}
        self._put(Resource(_address(kind, f"{name}.attached.{own}"), f"aws_iam_{kind}_policy_attachment", body, origin))

    def _managed(self, data: Mapping[str, Any], origin: Origin) -> None:
        versions = _objects(data, "PolicyVersionList", origin)
        default = [version for version in versions if version.get("IsDefaultVersion")]
        if data.get("DefaultVersionId") is not None:
            default = [version for version in versions if version.get("VersionId") == data["DefaultVersionId"]]
        elif len(versions) == 1:
            default = versions
        if versions and len(default) != 1:
            which = _string(data.get("DefaultVersionId", "the one that counts"), "DefaultVersionId", origin)
            raise InputError(
                f"of the versions of the policy {str(data.get('PolicyName'))[:128]} {which} is not there, or not once",
                fix="give the policy with the version that is its default",
                origin=origin,
            )
        document = default[0].get("Document") if default else data.get("PolicyDocument")
        self._policy(data.get("PolicyName"), data.get("Path"), document, origin)

    def _policy(self, name: Any, path: Any, document: Any, origin: Origin) -> None:
        named = _named(name, "PolicyName", origin)
        body: dict[str, Any] = {"name": named, "policy": _policy_text(document)}
        if isinstance(path, str):
            body["path"] = path
        self._put(Resource(_address("policy", named), "aws_iam_policy", body, origin))

    def _issuer(self, data: Mapping[str, Any], origin: Origin) -> None:
        url = _string(data.get("Url"), "Url", origin)
        url = url if "://" in url else f"https://{url}"
        own = re.sub(r"[^\w+=,.@-]", "-", url.removeprefix("https://"))
        body = {"url": url, "client_id_list": list(_listed(data, "ClientIDList", origin))}
        self._put(Resource(Address(f"iam/oidc-provider.{own}"), "aws_iam_openid_connect_provider", body, origin))

    def _pod_identity(self, data: Mapping[str, Any], origin: Origin) -> None:
        words = ("clusterName", "namespace", "serviceAccount", "roleArn")
        cluster, namespace, account, role = (_string(data.get(word), word, origin) for word in words)
        body = {"cluster_name": cluster, "namespace": namespace, "service_account": account, "role_arn": role}
        own = ".".join(_named(word, "its name", origin) for word in (cluster, namespace, account))
        self._put(Resource(Address(f"iam/pod-identity.{own}"), "aws_eks_pod_identity_association", body, origin))

    def _document(self, file: Path, text: Any) -> None:
        """A document by itself, which belongs to what its file is called after."""
        origin = Origin(str(file), 1)
        match = _ENDING.fullmatch(file.name)
        if match is None:
            stem = file.name.removesuffix(".json")
            if '"Principal"' in text or '"NotPrincipal"' in text:
                body = {"document": text}
                self._put(Resource(Address.file(str(file)), "file/policy", body, origin))
            else:
                self._policy(stem, None, text, origin)
            return
        name, ending = match["name"], match["ending"].lower()
        if ending in _OF_A_ROLE:
            self._bare.append((name, ending, text, origin))
        elif ending in _CONTROLS:
            address = Address(f"iam/{ending}.{_named(name, 'the name of the file', origin)}")
            body = {"name": name, "type": _CONTROLS[ending], "content": text}
            self._put(Resource(address, "aws_organizations_policy", body, origin))
            attachment = {"policy_id": Ref(address, "id"), "target_id": _ROOT}
            self._put(
                Resource(Address(f"{address}.attached"), "aws_organizations_policy_attachment", attachment, origin)
            )
        else:
            self._of_thing(name, ending, text, origin)

    def _of_thing(self, name: str, ending: str, text: Any, origin: Origin) -> None:
        """The policy of a bucket, a queue, a key; of one that the input lacks only a bucket's name says its ARN."""
        piece, found = PIECES[ending], owner(ending, name, self.elsewhere, self.identities)
        address = Address(f"iam/{ending}.{re.sub(r'[^A-Za-z0-9_+=,.@-]', '-', name)}")
        if found is None and ending == "bucket":
            self._put(Resource(address, "file/bucket", {"bucket": name}, origin))
            found = Ref(address, "id")
        if found is None:
            self._put(Resource(Address.file(origin.file), "file/policy", {"document": text}, origin))
            return
        self._put(Resource(Address(f"{address}.policy"), piece.type, {piece.argument: found, "policy": text}, origin))

    def _of_role(self, name: str, what: str, text: Any, origin: Origin) -> None:
        if what == "policy":
            # `orders-app.queue.policy.json` is a policy `queue` of the role `orders-app`, if that is no role itself.
            role, _, policy = name.rpartition(".")
            if not role or ("role", name) in self._made or _address("role", name) in self._found:
                role, policy = name, "policy"
            self._inline("role", role, {"PolicyName": policy, "PolicyDocument": text}, origin)
            return
        role = _named(name, "the name of the file", origin)
        if ("role", role) in self._made:
            raise InputError(
                f"the role {role} is made elsewhere, with a {_SAID[what]} of its own or none",
                fix="leave the file out, or say it where the role is made",
                origin=origin,
            )
        argument = {"trust": "assume_role_policy", "boundary": "permissions_boundary"}[what]
        value: Any = text
        if what == "boundary":
            self._policy(f"{role}.boundary", None, text, origin)
            value = Ref(_address("policy", f"{role}.boundary"), "arn")
        known = self._found.get(_address("role", role))
        if known is not None and argument in known.body:
            raise InputError(
                f"two files say the {_SAID[what]} of {role}: the other is {known.origin.file}",
                fix="leave one of them out",
                origin=origin,
            )
        body = {**(known.body if known else {"name": role}), argument: value}
        self._found[_address("role", role)] = Resource(
            _address("role", role), "aws_iam_role", body, origin if known is None else known.origin
        )


_ARN = re.compile(
    r"arn:aws[\w-]*:iam::\d{12}:(?P<kind>role|user|group)(?P<path>/(?:[!-~]+/)?)(?P<name>[^/]+)", re.ASCII
)
_SAID = {"trust": "trust policy", "boundary": "permissions boundary"}
_BARE = re.compile(r'\s*\{\s*"(?:Version|Id|Statement)"')


def _bare(text: str) -> bool:
    """Whether a text is a document by itself; it stays text, for whoever reads it to see keys that are given twice."""
    if not _BARE.match(text):
        return False
    try:
        data = orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return (
        isinstance(data, dict) and "Statement" in data and data.keys() <= _DOCUMENT and not deeper_than(data, MAX_DEPTH)
    )


def _unwrapped(data: Any, origin: Origin) -> Any:
    """The document in what the command line prints around it, as an object or as text.

    InputError, saying what is wrong, for what is neither a document nor holds one.
    """
    found = data
    while isinstance(found, Mapping) and "Statement" not in found:
        inner = next((found[key] for key in _WRAPPERS if isinstance(found.get(key), Mapping | str)), None)
        if inner is None:
            break
        found = inner
    if isinstance(found, str) and found is not data and found.strip():
        return _policy_text(found)  # if that is no document, its reader says so
    if isinstance(found, Mapping) and "Statement" in found and found is not data:
        return found
    wrong = "the text in it is empty" if isinstance(found, str) and found is not data else "it is no object"
    if isinstance(found, Mapping):
        strange = sorted(found.keys() - _DOCUMENT)
        small = next((key for key in strange if key.capitalize() in _DOCUMENT), None)
        if small is not None:
            wrong = f"{small} is written {small.capitalize()}"
        elif "Statement" not in found:
            wrong = "it has no Statement"
        elif strange:
            wrong = f"{strange[0][:80]!r} has no place in a policy document"
    raise InputError(
        f"the file's name says that it is a policy document, and it is none: {wrong}",
        fix="give a document of Version and Statement, or call the file otherwise",
        origin=origin,
    )


def _key(kind: str) -> str:
    return f"{kind.capitalize()}Name"


def _address(kind: str, name: str) -> Address:
    return Address(f"iam/{kind}.{name}")


def _named(value: Any, what: str, origin: Origin) -> str:
    """A name as IAM takes it."""
    if isinstance(value, str) and _NAME.fullmatch(value):
        return value
    shown = "absent" if value is None else repr(value)[:80]
    raise InputError(f"{what} cannot be {shown}", fix="a name has letters, digits and any of _+=,.@-", origin=origin)


def _string(value: Any, what: str, origin: Origin) -> str:
    if isinstance(value, str) and value and value.isprintable():
        return value
    shown = "absent" if value is None else repr(value)[:80]
    raise InputError(f"{what} cannot be {shown}", origin=origin)


def _policy_text(value: Any) -> Any:
    """A document; the API gives it percent-encoded, the command line as an object."""
    if isinstance(value, str) and re.match(r"\s*%7[bB]", value):
        return unquote(value)
    return value


def _listed(data: Mapping[str, Any], key: str, origin: Origin) -> list[Any]:
    value = data.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise InputError(f"{key} is a list", origin=origin)
    return value


def _objects(data: Mapping[str, Any], key: str, origin: Origin) -> list[Mapping[str, Any]]:
    found = _listed(data, key, origin)
    if not all(isinstance(item, Mapping) for item in found):
        raise InputError(f"{key} holds objects", origin=origin)
    return found


def _tags(data: Mapping[str, Any], origin: Origin) -> dict[str, str]:
    return {
        str(tag.get("Key")): str(tag.get("Value"))
        for tag in _objects(data, "Tags", origin)
        if isinstance(tag.get("Key"), str)
    }


def _line(text: str, origin: Origin, name: Any) -> Origin:
    """The line on which something is named first in a long file; the file's first if it is not found."""
    place = text.find(f'Name": "{name}"') if isinstance(name, str) else -1
    return Origin(origin.file, text.count("\n", 0, place) + 1) if place >= 0 else origin
