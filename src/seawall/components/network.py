"""The network of a region: tiers of subnets over zones, ways out, endpoints, flow logs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from seawall.components.access_lists import MOST_RULES, Rule, blocks, rules
from seawall.components.component import Expandable
from seawall.components.policy import allow, document, trust
from seawall.components.scope import Scope
from seawall.components.watch import Watch
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel import units
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref, Textual, text
from seawall.model.fields import Cidr, Duration, Name

Endpoint = Literal[
    "s3", "dynamodb", "ecr.api", "ecr.dkr", "sts", "secretsmanager", "logs", "monitoring", "ec2",
    "elasticloadbalancing", "eks", "eks-auth", "sqs", "sns", "kms", "ssm", "ssmmessages", "ec2messages", "xray",
]  # fmt: skip
_GATEWAYS = ("s3", "dynamodb")


class Network(Expandable):
    """A VPC with one subnet of each tier in each zone.

    The tier ``public`` has the internet, ``data`` and whatever begins with ``data-`` know the network alone; every
    other is private, whatever its name: it reaches the internet through NAT and is reached by nobody outside.
    """

    section: ClassVar[bool] = True
    required: ClassVar[bool] = True
    stack: ClassVar[str] = "network"

    kind: Literal["network"]
    cidr: Cidr
    """The VPC's range."""
    zones: Annotated[int, Field(ge=1, le=6)] | tuple[Annotated[str, Field(pattern="^[a-f]$")], ...] = 2
    """How many zones, or their letters."""
    subnets: Mapping[Name, tuple[Cidr, ...]] = {}
    """Tier -> one range a zone; where silent, `public` and `private` with /24 ranges from 0 and 16."""
    nat: Literal["per-zone", "one", "none"] = "per-zone"
    """How private subnets reach the internet; ``one`` costs less and falls with its zone."""
    endpoints: tuple[Endpoint, ...] = ("s3",)
    """AWS services reached without leaving the network."""
    flow_logs: Duration | None = units.Duration(30 * 86400)
    """How long the record of traffic is kept; null turns it off."""
    access_lists: bool = False
    """Whether each tier's subnets also have a stateless access-control list, beside the groups of what lies in them."""

    @model_validator(mode="after")
    def _fits(self) -> Network:
        if not self.private_tiers:
            raise ValueError("no tier is private; nodes need one beside `public` and `data`")
        for tier, ranges in self.subnets.items():
            if len(ranges) != len(self.letters):
                raise ValueError(f"{tier} has {len(ranges)} subnets for {len(self.letters)} zones; give one a zone")
        everything = [(f"{tier} {letter}", cidr) for tier in self.tiers for letter, cidr in self.ranges(tier).items()]
        for number, (name, cidr) in enumerate(everything):
            if not self.cidr.contains(cidr):
                raise ValueError(f"subnet {name} ({cidr}) lies outside the network ({self.cidr})")
            for other, another in everything[:number]:
                if cidr.overlaps(another):
                    raise ValueError(f"subnets {other} ({another}) and {name} ({cidr}) overlap")
        for tier in self.tiers if self.access_lists else ():
            most = max(map(len, self._listed(tier)))
            if most > MOST_RULES:
                raise ValueError(
                    f"the access list of {tier} would need {most} rules, one for each private subnet; "
                    f"AWS allows {MOST_RULES}: have fewer private tiers, or `access_lists: false`"
                )
        return self

    # -- what others may know --------------------------------------------------------------------------------------

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters of the zones."""
        return tuple("abcdef"[: self.zones]) if isinstance(self.zones, int) else self.zones

    @property
    def tiers(self) -> tuple[str, ...]:
        """The tiers that exist, from the outside in; private ones in the order of the description."""
        wanted = tuple(self.subnets) or ("public", "private")
        return tuple(sorted(wanted, key=lambda tier: 0 if tier == "public" else 2 if is_for_data(tier) else 1))

    @property
    def private_tiers(self) -> tuple[str, ...]:
        """The tiers where nodes and instances may lie."""
        return tuple(tier for tier in self.tiers if tier != "public" and not is_for_data(tier))

    @property
    def data_tiers(self) -> tuple[str, ...]:
        """The tiers where stores lie that call nobody; policies of ranges tell two stores apart by them."""
        return tuple(tier for tier in self.tiers if is_for_data(tier))

    def ranges(self, tier: str) -> dict[str, units.Cidr]:
        """Zone letter -> the range of that tier's subnet."""
        stated = self.subnets.get(tier)
        if stated is not None:
            return dict(zip(self.letters, stated, strict=True))
        first = {"public": 0, "private": 16}[tier]
        return {letter: self.cidr.subnet(24, first + number) for number, letter in enumerate(self.letters)}

    def vpc(self, scope: Scope) -> Ref:
        """The VPC's id."""
        return scope.at("network").ref("aws_vpc", "main", "id")

    def subnet_ids(self, scope: Scope, tier: str) -> list[Ref]:
        """The ids of a tier's subnets; InputError where there is no such tier.

        ``private`` is the first private tier where none is called so, and ``data`` the same where there is none.
        """
        exists = self._existing(tier)
        if exists is None:
            raise InputError(
                f"{scope.name} is to lie in the tier {tier}, which the network does not have",
                fix=f"name one of {', '.join(self.tiers)}, or add `{tier}` to the network's subnets",
                origin=scope.origin,
            )
        return [scope.at("network").ref("aws_subnet", _subnet(exists, letter), "id") for letter in self.letters]

    def leaves_from(self, scope: Scope) -> list[Ref]:
        """The public addresses that private subnets are seen from: the NAT gateways'."""
        return [scope.at("network").ref("aws_eip", f"nat_{letter}", "public_ip") for letter in self._letters_with_nat()]

    def tier_ranges(self, tier: str) -> tuple[str, ...]:
        """The ranges of a tier's subnets, as text, of the same tier as ``subnet_ids``; none where there is none."""
        exists = self._existing(tier)
        return tuple(str(cidr) for cidr in self.ranges(exists).values()) if exists else ()

    def _existing(self, tier: str) -> str | None:
        if tier in self.tiers:
            return tier
        return self.private_tiers[0] if tier in ("private", "data") else None

    def watches(self, scope: Scope) -> Iterator[Watch]:
        """A gateway that has no port left for a new connection drops it, and nobody else says so."""
        for letter in self._letters_with_nat():
            yield Watch(
                f"nat-{letter}-ports",
                f"The NAT gateway of zone {letter} has no port left for new connections to one destination.",
                "ErrorPortAllocation", "AWS/NATGateway",
                (("NatGatewayId", scope.ref("aws_nat_gateway", letter, "id")),),
                "Sum", ">", 0, "notBreaching", period=300, bad=1, of=1,
                first=(
                    "Who opens so many connections: the flow logs, in CloudWatch Logs Insights `stats count(*) as "
                    "opened by srcAddr, dstAddr, dstPort | sort opened desc | limit 10`, then `kubectl get pods -A "
                    "-o wide | grep ADDRESS`.",
                    "A pod that opens one for each request: give its client a pool or keep-alive; until then fewer "
                    "of its pods.",
                    "An AWS service is what it asks: add its name to `network.endpoints` in the description, past "
                    "the gateway.",
                    "The load is right: `aws ec2 associate-nat-gateway-address --nat-gateway-id ID --allocation-ids ID "
                    f"--region {scope.region}` gives the gateway 55,000 ports more to each destination.",
                ),
            )  # fmt: skip

    # -- what it comes to ------------------------------------------------------------------------------------------

    def expand(self, scope: Scope) -> Iterator[Resource | Demand]:
        """VPC, subnets, route tables, gateways, endpoints, flow logs, and a default group that lets nothing through."""
        vpc = scope.ref("aws_vpc", "main", "id")
        yield scope.aws(
            "aws_vpc",
            "main",
            {"cidr_block": str(self.cidr), "enable_dns_hostnames": True, "enable_dns_support": True},
            called=scope.title,
        )
        # Whoever forgets to name a group gets the default one; it must not let anything through.
        yield scope.aws("aws_default_security_group", "main", {"vpc_id": vpc}, called=f"{scope.title}-default-unused")
        for tier in self.tiers:
            for letter, cidr in self.ranges(tier).items():
                yield self._subnet(scope, tier, letter, cidr)
        yield from self._routes(scope)
        for tier in self.tiers if self.access_lists else ():
            yield self._access_list(scope, tier)
        yield from self._endpoints(scope)
        if self.flow_logs is not None:
            yield from self._flow_logs(scope, self.flow_logs)

    def _subnet(self, scope: Scope, tier: str, letter: str, cidr: units.Cidr) -> Resource:
        # The load balancer controller finds its subnets by these tags.
        tags = {"tier": tier, f"kubernetes.io/cluster/{scope.cluster_name}": "shared"}
        if tier == "public":
            tags["kubernetes.io/role/elb"] = "1"
        elif not is_for_data(tier):
            tags["kubernetes.io/role/internal-elb"] = "1"
        body = {
            "vpc_id": scope.ref("aws_vpc", "main", "id"),
            "cidr_block": str(cidr),
            "availability_zone": f"{scope.region}{letter}",
            "tags": tags,
        }
        return scope.aws("aws_subnet", _subnet(tier, letter), body)

    def _listed(self, tier: str) -> tuple[list[Rule], list[Rule]]:
        private = [cidr for other in self.private_tiers for cidr in self.ranges(other).values()]
        # A store speaks with those beside it, its copies, and not with the stores of another tier.
        data = self.ranges(tier).values() if is_for_data(tier) else ()
        return rules("data" if is_for_data(tier) else tier, self.cidr, private, data)

    def _access_list(self, scope: Scope, tier: str) -> Resource:
        inward, outward = self._listed(tier)
        body = {
            "vpc_id": scope.ref("aws_vpc", "main", "id"),
            "subnet_ids": self.subnet_ids(scope, tier),
            "ingress": blocks(inward),
            "egress": blocks(outward),
        }
        return scope.aws("aws_network_acl", tier.replace("-", "_"), body)

    def _routes(self, scope: Scope) -> Iterator[Resource]:
        vpc = scope.ref("aws_vpc", "main", "id")
        if "public" in self.tiers:
            yield scope.aws("aws_internet_gateway", "main", {"vpc_id": vpc}, called=scope.title)
            yield scope.aws("aws_route_table", "public", {"vpc_id": vpc})
            yield self._route(scope, "public", "gateway_id", scope.ref("aws_internet_gateway", "main", "id"))
            for letter in self.letters:
                yield self._association(scope, f"public_{letter}", "public")
        with_nat = self._letters_with_nat()
        for letter in with_nat:
            yield scope.aws("aws_eip", f"nat_{letter}", {"domain": "vpc"})
            body = {
                "allocation_id": scope.ref("aws_eip", f"nat_{letter}", "id"),
                "subnet_id": scope.ref("aws_subnet", f"public_{letter}", "id"),
            }
            gateway = scope.address("aws_internet_gateway", "main")
            yield scope.aws("aws_nat_gateway", letter, body, depends_on=[gateway], called=f"{scope.title}-{letter}")
        # Private tiers differ in who may speak to them, not in where they may go: a zone's share one table.
        for letter in self.letters:
            yield scope.aws("aws_route_table", f"private_{letter}", {"vpc_id": vpc})
            if with_nat:
                nat = letter if letter in with_nat else with_nat[0]
                target = scope.ref("aws_nat_gateway", nat, "id")
                yield self._route(scope, f"private_{letter}", "nat_gateway_id", target)
            for tier in self.private_tiers:
                yield self._association(scope, _subnet(tier, letter), f"private_{letter}")
        if self.data_tiers:
            # Stores answer and never call out: their table knows the local route alone.
            yield scope.aws("aws_route_table", "data", {"vpc_id": vpc})
            for tier in self.data_tiers:
                for letter in self.letters:
                    yield self._association(scope, _subnet(tier, letter), "data")

    def _letters_with_nat(self) -> tuple[str, ...]:
        if self.nat == "none" or "public" not in self.tiers:
            return ()
        return self.letters if self.nat == "per-zone" else self.letters[:1]

    def _route(self, scope: Scope, table: str, kind: str, target: Ref) -> Resource:
        body = {
            "route_table_id": scope.ref("aws_route_table", table, "id"),
            "destination_cidr_block": "0.0.0.0/0",
        }
        return scope.aws("aws_route", table, {**body, kind: target})

    def _association(self, scope: Scope, subnet: str, table: str) -> Resource:
        body = {
            "subnet_id": scope.ref("aws_subnet", subnet, "id"),
            "route_table_id": scope.ref("aws_route_table", table, "id"),
        }
        return scope.aws("aws_route_table_association", subnet, body)

    def _endpoints(self, scope: Scope) -> Iterator[Resource]:
        vpc = scope.ref("aws_vpc", "main", "id")
        tables = [f"private_{letter}" for letter in self.letters]
        interfaces = [endpoint for endpoint in self.endpoints if endpoint not in _GATEWAYS]
        if interfaces:
            group = {
                "name": f"{scope.title}-endpoints",
                "description": "AWS endpoints, from this network",
                "vpc_id": vpc,
            }
            yield scope.aws("aws_security_group", "endpoints", group)
            rule = {
                "security_group_id": scope.ref("aws_security_group", "endpoints", "id"),
                "description": "HTTPS from the network",
                "ip_protocol": "tcp",
                "from_port": 443,
                "to_port": 443,
                "cidr_ipv4": str(self.cidr),
            }
            yield scope.aws("aws_vpc_security_group_ingress_rule", "endpoints_https", rule)
        for endpoint in self.endpoints:
            service = f"com.amazonaws.{scope.region}.{endpoint}"
            name = endpoint.replace(".", "_").replace("-", "_")
            if endpoint in _GATEWAYS:
                body = {
                    "vpc_id": vpc,
                    "service_name": service,
                    "vpc_endpoint_type": "Gateway",
                    "route_table_ids": [scope.ref("aws_route_table", table, "id") for table in tables],
                }
            else:
                body = {
                    "vpc_id": vpc,
                    "service_name": service,
                    "vpc_endpoint_type": "Interface",
                    "private_dns_enabled": True,
                    "subnet_ids": self.subnet_ids(scope, "private"),
                    "security_group_ids": [scope.ref("aws_security_group", "endpoints", "id")],
                }
            yield scope.aws("aws_vpc_endpoint", name, body)

    def _flow_logs(self, scope: Scope, kept: units.Duration) -> Iterator[Resource]:
        name = f"/aws/vpc/{scope.title}"
        yield scope.aws("aws_cloudwatch_log_group", "flow_logs", {"name": name, "retention_in_days": round(kept.days)})
        role_name = f"{scope.title}-flow-logs"
        yield scope.lookup("aws_caller_identity", "flow_logs", {})
        account = scope.ref("data.aws_caller_identity", "flow_logs", "account_id")
        # The id of the log is AWS's to choose.
        ours: dict[str, dict[str, Textual]] = {
            "StringEquals": {"aws:SourceAccount": account},
            "ArnLike": {"aws:SourceArn": text(f"arn:aws:ec2:{scope.region}:", account, ":vpc-flow-log/*")},
        }
        trusted = trust("vpc-flow-logs.amazonaws.com", ours)
        yield scope.aws("aws_iam_role", "flow_logs", {"name": role_name, "assume_role_policy": trusted})
        group = scope.ref("aws_cloudwatch_log_group", "flow_logs", "arn")
        writing = allow(
            ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
            [text(group, ":*")],
        )
        role = scope.ref("aws_iam_role", "flow_logs", "name")
        yield scope.aws(
            "aws_iam_role_policy", "flow_logs", {"name": role_name, "role": role, "policy": document(writing)}
        )
        body = {
            "vpc_id": scope.ref("aws_vpc", "main", "id"),
            "traffic_type": "ALL",
            "log_destination": group,
            "iam_role_arn": scope.ref("aws_iam_role", "flow_logs", "arn"),
            "max_aggregation_interval": 60,
        }
        yield scope.aws("aws_flow_log", "main", body)


def is_for_data(tier: str) -> bool:
    """Whether a tier of that name knows the network alone."""
    return tier == "data" or tier.startswith("data-")


def _subnet(tier: str, letter: str) -> str:
    return f"{tier.replace('-', '_')}_{letter}"
