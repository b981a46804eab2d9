"""The loader finds every mistake at once, each with its place and the nearest right spelling."""

from __future__ import annotations

import copy
from typing import Literal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from seawall.kernel.errors import InputError
from seawall.kernel.units import Duration, Share
from seawall.model.component import Component
from seawall.model.document import parse_document
from seawall.model.fields import Cidr, Frame, Replicas
from seawall.model.loader import load


class Scale(Frame):
    """How many."""

    replicas: Replicas


class Net(Component):
    """A section."""

    section = True
    required = True
    stack = "network"
    kind: Literal["net"]
    cidr: Cidr


class Web(Component):
    """A component."""

    kind: Literal["web"]
    port: int = 80
    scale: Scale | None = None


class Store(Component):
    """Another."""

    stack = "data"
    kind: Literal["store"]
    engine: Literal["mysql", "postgresql"] = "mysql"


KINDS = {"net": Net, "web": Web, "store": Store}
GOOD = """\
platform: shop
net: {cidr: 10.0.0.0/16}
claims: {availability: 99.5 %, region_loss: {rto: 30 min, rpo: 24 h}}
components:
  db: {kind: store}
  www:
    kind: web
    needs: [db]
    scale: {replicas: 2..10}
environments:
  production: {region: ap-northeast-2, default: true}
  development:
    region: ap-northeast-1
    components: {www: {port: 8080}}
"""


def loading(text, environment=None):
    """The platform that a text describes."""
    return load(parse_document(text, "p.yaml"), KINDS, environment)


def said_of(text, environment=None):
    """The problems of a text, as they are printed."""
    with pytest.raises(InputError) as caught:
        loading(text, environment)
    return [str(problem) for problem in caught.value.problems]


def test_a_good_description_loads_with_its_default_environment():
    """Sections and components are found by name, claims become facts."""
    platform = loading(GOOD)
    assert (platform.environment, platform.region) == ("production", "ap-northeast-2")
    assert list(platform.components) == ["net", "db", "www"]
    assert platform.components["www"].port == 80
    assert platform.stacks == {"net": "network", "db": "data", "www": "platform"}
    assert {(c.subject, c.measure): c.value for c in platform.claims} == {
        ("platform", "availability"): Share.parse("99.5 %"),
        ("region_loss", "rto"): Duration(1800),
        ("region_loss", "rpo"): Duration(86400),
    }
    assert platform.origin("www").line == 6


def test_an_environment_overrides_anything():
    """Chosen by name; what it says anew holds, the rest stays."""
    platform = loading(GOOD, "development")
    assert platform.region == "ap-northeast-1"
    assert platform.components["www"].port == 8080
    assert platform.components["www"].needs == ("db",)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("port: 8080", "prot: 8080", []),
        ("kind: store", "kind: stor", ["p.yaml:5:8: components.db: there is no kind stor\n  fix: did you mean store?"]),
        ("{kind: store}", "{engine: mysql}", ["p.yaml:5:3: components.db needs a kind\n  fix: for example `kind: service`"]),  # noqa: E501
        ("needs: [db]", "needs: [bd]", ["p.yaml:8:13: www needs bd, which is not a component\n  fix: did you mean db?"]),  # noqa: E501
        ("{kind: store}", "{kind: store, needs: [www]}", ["components need each other in a circle: db -> www -> db"]),
        ("needs: [db]", "neds: [db]", ["p.yaml:8:5: components.www.neds: there is no key neds\n  fix: did you mean needs?"]),  # noqa: E501
        ("replicas: 2..10", "replica: 2..10", ["p.yaml:9:13: components.www.scale.replica: there is no key replica\n"
                                              "  fix: did you mean replicas?", "components.www.scale needs the key replicas"]),  # noqa: E501
        ("replicas: 2..10", "replicas: 10..2", ["has its ends the wrong way round"]),
        ("replicas: 2..10", "replicas: [2]", ["not a range like 2..10"]),
        ("10.0.0.0/16", "10.0.0.1/16", ["p.yaml:2:7: net.cidr: '10.0.0.1/16' is not an address range"]),
        ("net: {cidr: 10.0.0.0/16}\n", "", ["needs the key net"]),
        ("platform: shop", "platform: Shop", ["p.yaml:1:1: platform:"]),
        ("platform: shop", 'platform: "a/../b"', ["p.yaml:1:1: platform:"]),
        ("platform: shop", 'platform: "a${b}"', ["p.yaml:1:1: platform:"]),
        ("platform: shop", 'platform: "a\\nb"', ["p.yaml:1:1: platform:"]),
        ("platform: shop", "platform: 'a\"b'", ["p.yaml:1:1: platform:"]),
        ("  www:\n", "  WWW:\n", ["p.yaml:6:3: components.WWW"]),
        ("99.5 %", "99.5", ["is not a share"]),
        ("30 min", "30", ["is not a duration"]),
        ("ap-northeast-2", "seoul", ["environments.production.region"]),
        ("default: true", "default: maybe", ["none is marked default"]),
        (", default: true", "", ["several environments (production, development) and none is marked default"]),
        ("    components: {www", "    platform: x\n    components: {www", []),
        ("environments:", "environmnts:", ["a description needs at least one environment"]),
        ("kind: web\n", "kind: web\n    port: many\n", ["components.www.port: input should be a valid integer"]),
        ("{kind: store}", "{kind: store, engine: oracle}", ["components.db.engine: input should be 'mysql' or 'postgresql'"]),  # noqa: E501
        ("db: {kind: store}", "db: [1]", ["p.yaml:5:3: components.db"]),
        ("components:\n", "stacks: {aa: [dbb]}\ncomponents:\n", ["stack aa names dbb, which is not a component"]),
        ("claims: {", "waivers: {x1: {rule: X-1, reason: short, until: 2027-01-01}}\nclaims: {", ["waivers.x1.reason"]),
        ("claims: {", "waivers: {x1: {rule: X-1, reason: long enough to be, until: never}}\nclaims: {", ["waivers.x1.until"]),  # noqa: E501
    ],
)  # fmt: skip
def test_each_mistake_is_said_with_its_place(old, new, said):
    """One edit, one message: where, what, and what was probably meant."""
    text = GOOD.replace(old, new, 1)
    if not said:
        loading(text)
        return
    problems = said_of(text)
    for words in said:
        assert any(words in problem for problem in problems), problems
    assert all(problem.startswith("p.yaml:") for problem in problems)


def test_all_mistakes_are_said_together():
    """Nobody wants to mend a file one message at a time."""
    text = (
        GOOD.replace("port: 8080", "port: x").replace("kind: store", "kind: store, x: 1").replace("10.0.0.0/16", "ten")
    )
    assert len(said_of(text, "development")) == 3


def test_an_override_is_blamed_where_it_stands():
    """A mistake in an environment is shown in the environment, not in what it overrides."""
    problems = said_of(GOOD.replace("port: 8080", "prot: 8080"), "development")
    assert problems == ["p.yaml:14:24: components.www.prot: there is no key prot\n  fix: did you mean port?"]


def test_waivers_have_names_so_that_an_environment_can_add_one():
    """Those of the environment come beside those of the platform, each with its place."""
    waiver = "{rule: X-1, reason: long enough to be, until: 2027-01-01}"
    text = GOOD.replace("claims: {", f"waivers: {{first: {waiver}}}\nclaims: {{")
    text = text.replace(
        "    region: ap-northeast-1\n", f"    region: ap-northeast-1\n    waivers: {{second: {waiver}}}\n"
    )
    assert [waiver.origin.line for waiver in loading(text).waivers] == [3]
    assert [waiver.origin.line for waiver in loading(text, "development").waivers] == [3, 15]


def test_an_environment_cannot_change_the_name():
    """Two environments of different names would be two platforms."""
    text = GOOD.replace("    region: ap-northeast-1\n", "    region: ap-northeast-1\n    platform: other\n")
    assert said_of(text, "development") == [
        "p.yaml:14:5: an environment cannot say platform anew\n  fix: move it to the top"
    ]


values = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4), st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)  # fmt: skip


def paths(data, prefix=()):
    """Every path in plain data."""
    yield prefix
    if isinstance(data, dict):
        for key, value in data.items():
            yield from paths(value, (*prefix, key))
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from paths(value, (*prefix, number))


PLAIN = yaml.safe_load(GOOD)


@given(st.sampled_from([path for path in paths(PLAIN) if path]), values, st.sampled_from(["production", "development"]))
def test_no_wrong_value_makes_the_loader_fall_over(path, value, environment):
    """Whatever stands anywhere in a description, it loads or it is an InputError with a file."""
    data = copy.deepcopy(PLAIN)
    here = data
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = value
    problems = ()
    try:
        loading(yaml.safe_dump(data), environment)
    except InputError as error:
        problems = error.problems
    assert all(problem.origin.file == "p.yaml" and problem.what for problem in problems)


SITES = (
    GOOD.replace("environments:", "stacks: {outer: [www]}\nenvironments:", 1)
    + "sites:\n  far: {region: us-west-2, net: {cidr: 10.1.0.0/16}, components: {db: {engine: postgresql}}}\n"
)


def test_a_site_is_the_platform_in_another_region():
    """A site lays its own keys over the environment's, and each finds the other."""
    home = load(parse_document(SITES, "p.yaml"), KINDS)
    far = home.sites["far"]
    assert (far.region, far.site, far.home is home) == ("us-west-2", "far", True)
    assert (home.site, home.home is home, home.regions[1:]) == ("", True, ("us-west-2",))
    assert str(far.components["net"].cidr) == "10.1.0.0/16"
    assert str(home.components["net"].cidr) == "10.0.0.0/16"
    assert far.components["db"].engine == "postgresql"


def test_a_site_lies_in_another_region():
    """Two sites in one region would be two things of one name: a mistake with its place."""
    same = SITES.replace("us-west-2", load(parse_document(GOOD, "p.yaml"), KINDS).region)
    with pytest.raises(InputError, match="as home does"):
        load(parse_document(same, "p.yaml"), KINDS)


def test_a_stack_may_name_what_an_environment_takes_away():
    """`stacks:` is said once for all environments, also for components and sites that some of them do without."""
    text = SITES.replace("stacks: {outer: [www]}", "stacks: {outer: [www, db]}") + "  near: {region: us-east-2}\n"
    text = text.replace("{engine: postgresql}", "null").replace("needs: [db]", "needs: []")
    home = load(parse_document(text, "p.yaml"), KINDS)
    assert home.stacks["db"] == "outer"
    assert "db" not in home.sites["far"].stacks
    assert home.sites["near"].stacks["db"] == "outer"


@pytest.mark.parametrize(
    ("member", "said"), [("wwww", "not a component"), ("www.names", "no such part"), ("www.", "does not match|pattern")]
)
def test_a_stack_that_names_nothing_is_a_mistake(member, said):
    """A component or part that nothing is called is said, with its place."""
    with pytest.raises(InputError, match=said):
        load(parse_document(SITES.replace("[www]", f"['{member}']"), "p.yaml"), KINDS)


@pytest.mark.parametrize("tag", ["Owner", "environment", "NAME"])
def test_a_tag_that_differs_by_its_capitals_alone_is_a_mistake(tag):
    """IAM refuses Owner beside owner, in the midst of an apply."""
    with pytest.raises(InputError, match=f"tags says {tag}"):
        load(parse_document(SITES + f"owner: us\ntags: {{{tag}: us}}\n", "p.yaml"), KINDS)


def test_claims_of_isolation_become_facts_as_they_are_written():
    """One fact for each, whose value says who, whom and on what."""
    said = GOOD.replace("claims: {", "claims: {isolation: [dev -> prod never, 'web -> db only 5432, udp 53'], ")
    claims = [claim for claim in loading(said).claims if claim.subject == "isolation"]
    assert [(claim.measure, str(claim.value)) for claim in claims] == [
        ("dev -> prod never", "dev -> prod never"),
        ("web -> db only 5432, udp 53", "web -> db only tcp 5432, udp 53"),
    ]


def test_a_single_claim_of_isolation_needs_no_list():
    """`isolation: dev -> prod never` is one claim."""
    said = GOOD.replace("claims: {", "claims: {isolation: dev -> prod never, ")
    assert [str(claim.value) for claim in loading(said).claims if claim.subject == "isolation"] == ["dev -> prod never"]


def test_a_claim_of_isolation_that_says_nothing_is_a_mistake_with_its_line():
    """The line of the list's entry, and what it should look like."""
    with pytest.raises(InputError, match=r"p\.yaml:3:\d+: claims\.isolation\.0: .*dev -> prod never"):
        loading(GOOD.replace("claims: {", "claims: {isolation: [dev beside prod], "))
