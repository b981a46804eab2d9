"""The closed list of what a Setting may speak of; without it a Setting would be the resource body by another name."""

from __future__ import annotations

from typing import Final

KEYS: Final[dict[str, str]] = {
    "network-policy-enforced": "the cluster's network plug-in enforces NetworkPolicies (bool)",
    "prefix-delegation": "the network plug-in gives pods addresses from prefixes (bool)",
    "metadata-tokens-required": "instances answer metadata requests only with a session token (bool)",
    "metadata-hops": "how many hops a metadata answer may travel (int)",
    "tls-required": "connections without TLS are refused (bool)",
    "max-connections": "connections a database accepts (int)",
    "max-memory": "memory after which a cache evicts, in bytes (int)",
    "eviction": "what a cache does at its memory limit (str)",
    "managed-password": "the store's own service keeps and rotates its password (bool)",
    "minor-upgrades": "minor versions are taken automatically (bool)",
    "block-public": "public access is blocked, whatever policies say (bool)",
    "priority": "pods of a class go before those of a class with a lower number (int)",
    "scan-on-push": "images are scanned when pushed (bool)",
    "immutable-tags": "an image's tag cannot be moved (bool)",
    "key-rotation": "a key's material is rotated by its service (bool)",
    "session-timeout": "a session ends after so many seconds of silence (int)",
    "cookie-max-age": "a session's cookie is kept for so many seconds (int)",
    "pod-security": "the Pod Security level that a namespace enforces (str)",
    "disk-encrypted": "a node's disks are encrypted (bool)",
    "disk-size": "a node's disk, in GiB (int)",
    "drop-invalid-headers": "a load balancer drops malformed headers (bool)",
    "idle-timeout": "a load balancer closes silent connections after so many seconds (int)",
    "deregistration-delay": "a target keeps its connections for so many seconds when it leaves (int)",
    "cache-default-ttl": "a distribution keeps an answer for so many seconds if nobody says otherwise (int)",
    "viewer-protocol": "how a distribution treats plain HTTP (str)",
    "flow-logs": "a network's traffic is logged (bool)",
    "restricted-default-group": "a network's default security group lets nothing through (bool)",
    "private-dns": "an interface endpoint answers under the ordinary host name of its API (bool)",
    "creator-admin": "whoever makes a cluster is its administrator (bool)",
    "iam-authentication": "a store accepts an identity's token instead of a password (bool)",
    "versioned": "a bucket keeps earlier versions of its objects (bool)",
    "key": "what encrypts a thing that is no store by itself (the key's address)",
    "expires-old": "old images or objects are removed by a lifecycle rule (bool)",
    "secret-rotation": "a secret is replaced by its service every so many seconds (int)",
    "firewall-scope": "whether a web firewall is for regional things or for global distributions (str)",
    "deletion-protection": "a thing cannot be deleted before this is taken off (bool)",
    "state-lock": "a table is keyed as Terraform's S3 backend keys its locks (bool)",
}
"""What each key means, and the type of its value; a new key is added here and in the page of the rule that reads it."""
