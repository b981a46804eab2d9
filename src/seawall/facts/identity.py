"""Identity: principals, what they may do, how one becomes another, and the secrets they hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from seawall.facts.fact import Fact, Known, Link, Plain
from seawall.kernel.address import Address
from seawall.kernel.value import Textual, Unknown


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Principal(Fact):
    """Somebody who can act; ``boundary`` is the policy that caps what it may be given."""

    of: Address
    kind: Literal["role", "user", "group", "service-account", "managed-identity"]
    name: Textual
    boundary: Link | Textual | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Identifier(Fact):
    """The shape of a thing's identifier: the value of ``attr`` as far as it is known before apply."""

    of: Address
    attr: str
    value: Textual


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Condition(Plain):
    """One test of a policy statement: operator, key, values; all tests must hold, any value of one suffices."""

    operator: str
    key: Textual
    values: tuple[Textual, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Statement(Fact):
    """One statement of a policy that ``holder`` carries.

    ``kind`` is what sort of policy it is; principals are ``(type, value)`` pairs such as ``("Service",
    "eks.amazonaws.com")``.  ``opaque`` names a document that could not be read: it may say anything.  ``variables``
    says whether ``${aws:username}`` means the caller's name, as it does since version 2012-10-17.
    """

    holder: Link
    kind: Literal["identity", "trust", "resource", "boundary", "session", "scp", "rcp", "rbac"]
    allow: bool
    actions: tuple[Textual, ...]
    resources: tuple[Textual, ...]
    principals: tuple[tuple[str, Textual], ...] = ()
    conditions: tuple[Condition, ...] = ()
    not_actions: bool = False
    not_resources: bool = False
    not_principals: bool = False
    opaque: Unknown | None = None
    sid: str = ""
    variables: bool = True


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PolicyDocument(Fact):
    """The document that some statements come from: its version, how long it is, and what is wrong with its form.

    ``size`` in characters without white space, as IAM counts them, holes left out; Unknown where it cannot be read.
    ``where`` names the attribute or file; ``faults`` are sentences, such as a key that is given twice.
    """

    holder: Link
    where: str
    kind: Literal["identity", "trust", "resource", "boundary", "session", "scp", "rcp"]
    version: Known[str]
    size: Known[int]
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class KeyGrant(Fact):
    """A grant lets somebody use a key for these operations (``Decrypt``), under an encryption context if it says so.

    ``context`` are the pairs that a request's encryption context must hold; with ``whole`` it must be just these.
    """

    key: Link
    grantee: Link | Textual
    operations: Known[tuple[str, ...]]
    context: tuple[tuple[str, Textual], ...] = ()
    whole: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Attaches(Fact):
    """A principal carries a policy: one of the graph, or a managed one by its ARN.

    ``within`` is the namespace to which a binding inside a cluster limits it.
    """

    principal: Link
    policy: Link | Textual
    within: Address | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Governs(Fact):
    """A policy of an organisation holds for its root, a unit or an account, and for all that is below."""

    target: Link
    policy: Link


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Issuer(Fact):
    """An account trusts the tokens of that issuer, for these audiences."""

    of: Address
    url: Textual
    audiences: tuple[Textual, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Assumes(Fact):
    """An account takes on a role by that means; ``account`` is a service account, an instance or a function."""

    account: Link
    role: Link | Textual
    means: Literal["irsa", "pod-identity", "instance-profile", "service"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Performs(Fact):
    """A state machine carries out an action of AWS, in the spelling of IAM: ``rds:FailoverGlobalCluster``."""

    of: Address
    action: Known[str]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ClusterAccess(Fact):
    """A principal may use a cluster's API with that policy, in these namespaces; none named means all of them."""

    cluster: Link
    principal: Link | Textual
    policy: Textual
    namespaces: Known[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Secret(Fact):
    """A secret's whereabouts, never its value. ``properties`` are the keys it is known to hold.

    ``replica_keys`` are what encrypts each copy, by region, where that is said.
    """

    of: Address
    name: Textual
    region: Known[str]
    replicas: tuple[str, ...] = ()
    key: Link | None = None
    rotates: Known[bool] = False
    properties: tuple[str, ...] = ()
    replica_keys: tuple[tuple[str, Link], ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SecretSync(Fact):
    """A secret inside a cluster is filled from one outside; ``every`` in seconds, ``account`` is who reads it."""

    of: Address
    target: Address
    remote: tuple[Textual, ...]
    store: Link
    every: Known[int] | None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SecretStore(Fact):
    """Where a cluster's synchronisation fetches secrets from, and as whom."""

    of: Address
    service: str
    region: Known[str]
    account: Link | None
