"""nginx's configurations say what the platform says, and play CloudFront's way rather than nginx's own."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platforms import shipped
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.errors import OutsideError
from seawall.operate.drill.servers import nginx
from seawall.operate.drill.servers.nginx import Rule

LISTEN = ("127.0.0.1", 8000)


@pytest.fixture(scope="module")
def petclinic():
    """Its graph."""
    return shipped("petclinic")[1]


def located(text):
    """Location -> its lines."""
    return {found[1]: found[2] for found in re.finditer(r"location ([^{]+) \{\n(.*?)\n    \}", text, re.DOTALL)}


def test_behaviors_come_in_order_with_their_methods(petclinic):
    """Static paths take reads alone; what fits none is the service's, with every method."""
    distribution = petclinic[Address("ap-northeast-2/edge:aws_cloudfront_distribution.www")]
    text = nginx.distribution(distribution, LISTEN, names=53, port=443, places={"maintenance": "http://127.0.0.1:9/x"})
    places = located(text)
    patterns = [one["path_pattern"] for one in distribution.body["ordered_cache_behavior"]]
    assert [place for place in places if place != "/"] == [f"~ ^{pattern.replace('*', '.*')}$" for pattern in patterns]
    assert "^(GET|HEAD|OPTIONS)$" in places["~ ^/css/.*$"]
    assert "POST" in places["/"]
    assert "http://$origin:443$request_uri" in places["/"]
    assert "set $origin www-origin.petclinic.example;" in places["/"]
    assert "http://$origin/x$uri" in places["~ ^/maintenance/.*$"]
    assert "error_page 502 =503 /maintenance/index.html;" in text
    # Connections that are refused or time out are tried no longer than CloudFront tries them.
    assert "proxy_connect_timeout 10000ms;" in places["/"]
    assert "proxy_read_timeout 30000ms;" in places["/"]


def group():
    """A distribution with an origin group for everything."""
    body = {
        "origin": [
            {"origin_id": "first", "domain_name": "first.example", "custom_origin_config": [{}]},
            {"origin_id": "second", "domain_name": "second.example", "custom_origin_config": [{}]},
        ],
        "origin_group": [
            {
                "origin_id": "both",
                "failover_criteria": [{"status_codes": [503, 500]}],
                "member": [{"origin_id": "first"}, {"origin_id": "second"}],
            }
        ],
        "default_cache_behavior": [{"target_origin_id": "both", "allowed_methods": ["GET", "HEAD", "POST"]}],
    }
    return Resource(Address("eu-west-1/edge:aws_cloudfront_distribution.group"), "aws_cloudfront_distribution", body)


def test_an_origin_group_asks_its_second_origin_for_reads_alone():
    """nginx by itself would send a PUT on, and a POST whose connection was refused; CloudFront sends neither on."""
    places = {"first": "http://127.0.0.1:81", "second": "http://127.0.0.1:82"}
    text = nginx.distribution(group(), LISTEN, names=53, port=443, places=places)
    assert (
        "map $request_method $asked_both { GET all_both; HEAD all_both; OPTIONS all_both; default first_both; }" in text
    )
    assert "upstream first_both { server 127.0.0.1:81 max_fails=0; }" in text
    assert "upstream all_both { server 127.0.0.1:81 max_fails=0; server 127.0.0.1:82 max_fails=0 backup; }" in text
    assert "proxy_next_upstream error timeout http_500 http_503;" in text


def test_the_load_balancer_routes_by_host_and_path_and_tries_nobody_twice(petclinic):
    """The longer paths of the service go before the web tier's; a service without targets is answered by 503."""
    rules = nginx.rules(petclinic)
    assert [(rule.path, rule.exact, rule.service) for rule in rules] == [
        ("/api", False, "was"),
        ("/actuator/health", True, "was"),
        ("/", False, "web"),
    ]
    text = nginx.balancer(LISTEN, rules, {"was": [("127.0.0.1", 1), ("127.0.0.1", 2)]})
    assert "upstream was { server 127.0.0.1:1 max_fails=0; server 127.0.0.1:2 max_fails=0; }" in text
    assert text.count("proxy_next_upstream off;") == text.count("proxy_pass")
    assert "location / { return 503; }" in text
    assert "location = /actuator/health {" in text
    assert "location /actuator/health {" not in text
    assert all(f"server_name {host};" in text for host in rules[0].hosts)


def test_a_header_keeps_users_to_one_target():
    """Where sessions live in a pod's memory, turns alone would lose them without any death."""
    text = nginx.balancer(LISTEN, [Rule(("a",), "/", False, "was")], {"was": [("127.0.0.1", 1)]}, by="X-User")
    assert "hash $http_x_user consistent;" in text


def test_only_addresses_and_folders_of_the_web_tier_are_others():
    """The web tier is played with the very file that its pods mount."""
    _, graph = shipped("pocketbank")
    (found,) = [one for one in graph.of_type("v1/ConfigMap") if "nginx.conf" in one.body.get("data", {})]
    before = [str(line).strip() for line in str(nginx.render_text(found.body["data"]["nginx.conf"], str)).splitlines()]
    after = nginx.web(graph, LISTEN, {"was": ("127.0.0.1", 9)}, status=8099)
    changed = [line for line in map(str.strip, after.splitlines()) if line not in before]
    assert all(
        re.search(r"@folder@|daemon off|127\.0\.0\.1|access_log off|worker_processes 1", line) for line in changed
    )
    assert after.count("proxy_pass http://127.0.0.1:9;") == 2
    with pytest.raises(OutsideError, match="was"):
        nginx.web(graph, LISTEN, {}, status=8099)


def test_the_page_is_the_one_that_the_platform_renders(petclinic):
    """Visitors see the blob's own content, not a page made for drills."""
    name, content = nginx.page(petclinic)
    assert name.endswith("index.html")
    assert "petclinic is away for a moment" in content


def test_a_page_within_a_configuration_is_nothing_but_text():
    """Quotes, dollars and backslashes of a page are neither the end of it nor a variable."""
    text = nginx.bucket(LISTEN, {"page/index.html": "it's $1 \\ more\n"})
    assert "location = /page/index.html { return 200 'it&#39;s &#36;1 &#92; more'; }" in text
    assert "return 503 'it&#39;s away';" in nginx.fallback(LISTEN, "", "it's away")


@given(st.text("ab*?./", max_size=6), st.text("ab./", max_size=6))
def test_path_patterns_match_what_cloudfront_says_they_match(pattern, path):
    """A star is any run of characters and a question mark any one; everything else is itself."""

    def matches(pattern, path):
        if not pattern:
            return not path
        if pattern[0] == "*":
            return any(matches(pattern[1:], path[number:]) for number in range(len(path) + 1))
        return bool(path) and pattern[0] in (path[0], "?") and matches(pattern[1:], path[1:])

    whole = pattern if pattern.startswith(("/", "*")) else f"/{pattern}"
    assert bool(re.fullmatch(nginx.path_pattern(pattern), path)) == matches(whole, path)
