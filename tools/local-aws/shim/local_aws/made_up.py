"""Values for what nothing is behind: the id, ARN and attributes of a resource, of the shape that AWS gives them.

A value is the same each time it is asked for, and differs from resource to resource. Nothing of it exists.
"""

import dataclasses
import hashlib
import re

from local_aws.service_spec import Attribute, ResourceSpec

# What a status is when all went well, the best first.
_GOOD = ("ACTIVE", "AVAILABLE", "CREATED", "READY", "ENABLED", "OPERATIONAL", "RUNNING", "COMPLETE", "SUCCESS")
# In lower case, as in `AWS::<service>::`.
_PORTS = {"docdb": 27017, "elasticache": 6379, "memorydb": 6379, "msk": 9092, "neptune": 8182, "rds": 5432}
_PORTS |= {"redshift": 5439, "redshiftserverless": 5439}
# What ids begin with, where AWS publishes no example of one.
_PREFIXES = {"NatGatewayId": "nat", "DhcpOptionsId": "dopt", "EniId": "eni", "InstanceId": "i", "VolumeId": "vol"}
_PREFIXES |= {"VpcId": "vpc", "SubnetId": "subnet", "GroupId": "sg", "NetworkInterfaceId": "eni", "VpnGatewayId": "vgw"}
# Enough for a template that selects one of an availability zone each.
_ITEMS = 3


@dataclasses.dataclass(frozen=True)
class Subject:
    """The resource that values are made up for."""

    resource_type: str
    # Its id if it is not named by its properties, like `Stack-Logical-0123456789ABC`.
    name: str
    properties: dict
    account: str
    region: str
    spec: ResourceSpec = dataclasses.field(default_factory=ResourceSpec)

    def digits(self, what: str, length: int) -> str:
        """Hexadecimal digits that stand for one thing of this resource."""
        text = "/".join((self.account, self.region, self.resource_type, self.name, what))
        return hashlib.sha256(text.encode()).hexdigest()[:length]

    @property
    def service(self) -> str:
        """As in ARNs and host names."""
        arn = self.spec.arn.split(":")
        return arn[2] if len(arn) > 2 else self.resource_type.split("::")[1].lower()


def reference(subject: Subject) -> str:
    """What a reference (Ref) to the resource is."""
    parts = [_named(subject, part) for part in subject.spec.identifier]
    return "|".join(str(part) for part in parts) if parts else subject.name


def value(subject: Subject, name: str) -> "object":
    """What Fn::GetAtt returns; an attribute that repeats a property has its value."""
    given = _given(subject, name)
    if given is not None:
        return given
    return _of_kind(subject, name, subject.spec.attributes.get(name, Attribute()))


def is_given(subject: Subject, name: str) -> bool:
    """Whether the attribute repeats a property, so that its value is not made up."""
    return _given(subject, name) is not None


def _named(subject: Subject, name: str) -> object:
    if name in subject.spec.attributes:
        return value(subject, name)
    given = _given(subject, name)
    return subject.name if given is None else given


def _given(subject: Subject, name: str) -> object:
    found: object = subject.properties
    for part in re.split(r"[./]", name):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _of_kind(subject: Subject, name: str, attribute: Attribute) -> object:
    if attribute.kind == "array":
        single = dataclasses.replace(attribute, kind="string")
        return [_text(subject, f"{name}/{item + 1}", name, single) for item in range(_ITEMS)]
    if attribute.kind in ("map", "ref", "json", "union"):
        return {}
    if attribute.kind == "boolean":
        return False
    if attribute.kind in ("integer", "number"):
        return _port(subject) if name.lower().endswith("port") else 1
    return _text(subject, name, name, attribute)


def _port(subject: Subject) -> int:
    return int(subject.properties.get("Port") or _PORTS.get(subject.resource_type.split("::")[1].lower(), 443))


def _text(subject: Subject, seed: str, name: str, attribute: Attribute) -> str:
    if attribute.allowed:
        allowed = {each.upper(): each for each in reversed(attribute.allowed)}
        return next((allowed[good] for good in _GOOD if good in allowed), attribute.allowed[0])
    if attribute.scheme:
        return f"{attribute.scheme}{_host(subject, seed, attribute)}{attribute.port}"
    # Of `Endpoint.Address`, the last word; of an item of a list, the list's name without the s.
    last = name.rsplit(".", 1)[-1]
    if "/" in seed:
        last = re.sub(r"(?<=Address)es$|s$", "", last)
    for pattern, make in _BY_NAME:
        if pattern.search(last):
            return make(subject, seed, attribute)
    return f"{subject.name}-{last}"


def _arn(subject: Subject, seed: str, attribute: Attribute) -> str:
    kind = subject.resource_type.split("::")[-1].lower()
    template = subject.spec.arn if seed.lower() in ("arn", f"{kind}arn") else ""
    if not template:
        unique = subject.name if seed.lower() == "arn" else f"{subject.name}-{subject.digits(seed, 8)}"
        return f"arn:aws:{subject.service}:{subject.region}:{subject.account}:{kind}/{unique}"
    fixed = {"Partition": "aws", "Region": subject.region, "Account": subject.account}

    def fill(found: "re.Match[str]") -> str:
        return str(fixed.get(found.group(1)) or _placeholder_of_arn(subject, found.group(1)))

    return re.sub(r"\$\{(\w+)\}", fill, template)


def _placeholder_of_arn(subject: Subject, name: str) -> object:
    """Names in the templates of ARNs are nearly those of properties and attributes: `AppId`, `EnvironmentName`."""
    kind = subject.resource_type.split("::")[-1].lower()
    wanted = {name.lower(), name.lower().removeprefix(kind)}
    for known in (*subject.properties, *subject.spec.attributes):
        if known.lower() in wanted and not known.lower().endswith("arn"):
            found = value(subject, known)
            if isinstance(found, (str, int)):
                return found
    return subject.name


def _host(subject: Subject, seed: str, attribute: Attribute) -> str:
    unique = subject.digits(seed, 12)
    return f"{_label(subject)}.{unique}.{subject.region}.{subject.service}.amazonaws.com"


def _label(subject: Subject) -> str:
    return re.sub(r"[^a-z0-9-]+", "-", subject.name.lower())[-40:].strip("-")


def _id(subject: Subject, seed: str, attribute: Attribute) -> str:
    digits = subject.digits(seed, 17)
    prefix = attribute.prefix or _PREFIXES.get(seed)
    return f"{prefix}-{digits}" if prefix else digits


def _ip_address(subject: Subject, seed: str, attribute: Attribute) -> str:
    last = int(subject.digits(seed, 2), 16) % 254 + 1
    # Public ones are of the range for documentation (RFC 5737).
    return f"203.0.113.{last}" if "public" in seed.lower() else f"10.0.0.{last}"


# By the last word of an attribute's name, the first that fits.
_BY_NAME = tuple(
    (re.compile(pattern), make)
    for pattern, make in (
        (r"(?i)arn$", _arn),
        (r"(AccountId|OwnerId|Owner)$", lambda subject, *_: subject.account),
        (r"Region$", lambda subject, *_: subject.region),
        (r"AvailabilityZone$", lambda subject, *_: f"{subject.region}a"),
        (r"Port$", lambda subject, *_: str(_port(subject))),
        (r"(?i)(url|uri)$", lambda *asked: f"https://{_host(*asked)}"),
        (r"Cidr(Block)?$", lambda *_: "10.0.0.0/16"),
        (r"(?i)ip(v4)?(address)?$", _ip_address),
        (r"(?i)(endpoint|address|dnsname|domainname|domain|hostname|host|nameserver)$", _host),
        (r"HostedZoneId$", lambda subject, seed, _: f"Z{subject.digits(seed, 13).upper()}"),
        (r"(Time|At|Timestamp|Date)$", lambda *_: "2026-01-01T00:00:00Z"),
        (r"(Status|State)$", lambda *_: "ACTIVE"),
        (r"(Version|Revision)(Number)?$", lambda *_: "1"),
        (r"(Id|ID|Identifier)$", _id),
        (r"Name$", lambda subject, *_: subject.name),
    )
)
