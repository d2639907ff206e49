"""What AWS publishes about each resource type: attributes, properties, and how its id and ARN are made.

It is the database that the CDK's own constructs are generated from (npm, @aws-cdk/aws-service-spec). It is read when
the first resource asks for it, which takes half a second, and only what is used here is kept of it.
"""

import functools
import gzip
import json
import os
import re
from dataclasses import dataclass, field

# Like `eipalloc-5723d13e`, in the sentence that describes an attribute.
_EXAMPLE_ID = re.compile(r"`([a-z]{1,12})-[0-9a-f][0-9a-z]{5,}`")
# Like `amqp+ssl://b-1.mq.eu-central-1.amazonaws.com:5671`.
_EXAMPLE_URL = re.compile(r"`([a-z][a-z+]*://)[^\s`:]+(:\d+)?")


@dataclass(frozen=True)
class Attribute:
    """What Fn::GetAtt returns of a resource."""

    # `string`, `integer`, `array` and so on.
    kind: str = "string"
    # The values that it can have, if it is one of a few.
    allowed: "tuple[str, ...]" = ()
    # What the ids in AWS's own examples begin with.
    prefix: str = ""
    # What the addresses there begin and end with: `amqp+ssl://` and `:5671`.
    scheme: str = ""
    port: str = ""


@dataclass(frozen=True)
class ResourceSpec:
    attributes: "dict[str, Attribute]" = field(default_factory=dict)
    # Names of properties and attributes that a reference (Ref) is made of.
    identifier: "tuple[str, ...]" = ()
    # Like `arn:${Partition}:amplify:${Region}:${Account}:apps/${AppId}`.
    arn: str = ""
    # Properties whose change makes a new resource.
    replacing: "tuple[str, ...]" = ()


def spec_of(resource_type: str) -> "ResourceSpec | None":
    """None for a type that AWS had not published when the database was made, and for third parties' types."""
    return _read().get(resource_type)


def locate(path: str) -> None:
    """Tells where the database is; without it no type is known, and values are made up from names alone."""
    global _path
    _path = path
    _read.cache_clear()


_path = ""


@functools.cache
def _read() -> "dict[str, ResourceSpec]":
    if not os.path.isfile(_path):
        return {}
    with gzip.open(_path) as file:
        resources = json.load(file)["schema"]["resource"]["entities"]
    return {resource["cloudFormationType"]: _resource(resource) for resource in resources}


def _resource(published: dict) -> ResourceSpec:
    return ResourceSpec(
        attributes={name: _attribute(about) for name, about in published["attributes"].items()},
        identifier=tuple(published.get("cfnRefIdentifier") or published.get("primaryIdentifier") or ()),
        arn=published.get("arnTemplate", ""),
        replacing=tuple(
            sorted(name for name, about in published["properties"].items() if about.get("causesReplacement") == "yes")
        ),
    )


def _attribute(about: dict) -> Attribute:
    documentation = about.get("documentation", "")
    example_id, url = _EXAMPLE_ID.search(documentation), _EXAMPLE_URL.search(documentation)
    return Attribute(
        kind=about["type"]["type"],
        allowed=tuple(about["type"].get("allowedValues", ())),
        prefix=example_id.group(1) if example_id else "",
        scheme=url.group(1) if url else "",
        port=(url.group(2) or "") if url else "",
    )
