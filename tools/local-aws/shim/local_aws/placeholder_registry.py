"""What is a placeholder now, or made up, in all accounts (gaps/placeholders.py)."""

import logging
from dataclasses import dataclass, field

from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudformation
from ministack.services.cloudformation import provisioners

_logger = logging.getLogger("cloudformation")


@dataclass
class Placeholder:
    """A resource, or attributes of one, with nothing behind it."""

    account: str
    region: str
    stack_id: str
    logical_id: str
    resource_type: str
    physical_id: str
    # Why nothing is behind it; empty if only attributes are made up.
    why: str = ""
    # A resource that was made, and could not be updated.
    outdated: bool = False
    # Names of attributes that were made up.
    attributes: "list[str]" = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is behind it, and it can be updated and deleted without asking anybody."""
        return bool(self.why) and not self.outdated


# By account, region, type and physical id.
_known: "dict[tuple[str, str, str, str], Placeholder]" = {}
_warned: "set[str]" = set()


def of_resource(resource_type, logical_id, stack_name, physical_id, why="", outdated=False) -> Placeholder:
    """One for a resource of the account and region of the current request; it is not kept yet."""
    stack_id = provisioners._cr_stack_id(stack_name)
    return Placeholder(get_account_id(), get_region(), stack_id, logical_id, resource_type, physical_id, why, outdated)


def find(resource_type: str, physical_id: str) -> "Placeholder | None":
    return _known.get((get_account_id(), get_region(), resource_type, physical_id))


def keep(placeholder: Placeholder) -> None:
    _known[_key(placeholder)] = placeholder
    if placeholder.why:
        warn(f"{placeholder.resource_type} is a placeholder: {placeholder.why}.")


def keep_attribute(of: Placeholder, name: str) -> None:
    """Remembers that an attribute was made up."""
    # The one that is kept, since stacks are copied with their attributes.
    kept = _known.setdefault(_key(of), of)
    if name not in kept.attributes:
        kept.attributes.append(name)
    warn(f"The attribute {name} of {of.resource_type} is made up.")


def forget(resource_type: str, physical_id: str) -> "Placeholder | None":
    """Takes away what is known of a resource, and returns it."""
    return _known.pop((get_account_id(), get_region(), resource_type, physical_id), None)


def forget_all() -> None:
    _known.clear()
    _warned.clear()


def placeholders() -> "list[Placeholder]":
    """All that there are, in all accounts."""
    return list(_known.values())


def within_stack(stack_id: str) -> "list[Placeholder]":
    """Those of a stack and of the stacks nested in it."""
    nested = {stack["StackId"] for stack in cloudformation._stacks.values() if stack.get("ParentId") == stack_id}
    own = [each for each in _known.values() if each.stack_id == stack_id]
    return own + [each for child in sorted(nested) for each in within_stack(child)]


def warn(sentence: str) -> None:
    """Once for each kind of thing, not for each resource."""
    if sentence not in _warned:
        _warned.add(sentence)
        _logger.warning(sentence)


def _key(placeholder: Placeholder) -> "tuple[str, str, str, str]":
    return placeholder.account, placeholder.region, placeholder.resource_type, placeholder.physical_id
