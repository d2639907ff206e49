"""A resource of a type that the local AWS does not know is a placeholder: a name with nothing behind it.

AWS has some 1,800 types of resources, and MiniStack makes a few hundred. A template with another type is refused by it
as a whole. Here, such a resource is created, updated and deleted as any other, and does nothing. Its id and attributes
are made up in the shape that AWS documents (`made_up.py`), and a change of a property that makes a new resource on AWS
makes a new placeholder. So are these:

- a resource that MiniStack knows, but fails to make because it does not support what is asked for
- a custom resource whose function failed, and had called what the local AWS does not have, or needs a Kubernetes
- an attribute that MiniStack does not have of a resource that it knows, though AWS does

Each is told: by a warning in the log, by the reason of the resource's event and of the stack's status, and in the list
of `local-aws placeholders`. With `--strict` there are none, and such a template is refused.
"""

import re
from importlib.util import find_spec

from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, engine, handlers, provisioners, stacks

from local_aws import made_up, placeholder_registry
from local_aws.gaps.custom_resources import UnsupportedCall
from local_aws.placeholder_registry import Placeholder, find, keep, keep_attribute, of_resource, warn
from local_aws.service_spec import ResourceSpec, spec_of

_TYPE = re.compile(r"^\w+::\w+::\w+(::MODULE)?$")
# What MiniStack says of what it cannot do, and the errors of code that did not expect what is asked for.
_NOT_SUPPORTED = re.compile(r"not (yet )?(supported|implemented|modeled)|unsupported|only supports", re.IGNORECASE)
_UNEXPECTED = (KeyError, TypeError, AttributeError, IndexError, NotImplementedError)
# Made of other resources or by functions: their failures are those of what they are made of.
_COMPOSED = re.compile(r"^(Custom::|AWS::CloudFormation::)")
# What the CDK's functions do by kubectl and helm.
_NEEDS_KUBERNETES = re.compile(r"^Custom::AWSCDK-EKS-(Kubernetes|Helm)")


def close() -> None:
    validate = _admitting(engine.validate_template_support)
    for module in (engine, handlers, changesets):
        module.validate_template_support = validate
    transform = _without_missing_transforms(engine._apply_transforms)
    for module in (engine, handlers, changesets):
        module._apply_transforms = transform
    provide = _providing(provisioners._provision_resource)
    update = _updating(provisioners._update_resource)
    delete = _deleting(provisioners._delete_resource)
    for module in (provisioners, stacks):
        module._provision_resource = provide
        module._update_resource = update
        module._delete_resource = delete
    cloudformation.reset = _forgetting(cloudformation.reset)


class MadeUpAttributes(dict):
    """The attributes of a resource: those that it has, and those that it would have on AWS as soon as one is used."""

    def __init__(self, known: dict, subject: made_up.Subject, of: Placeholder) -> None:
        super().__init__(known)
        self._subject, self._of = subject, of

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or self._may_have(str(name))

    def __getitem__(self, name: str) -> object:
        if not super().__contains__(name) and self._may_have(name):
            self[name] = made_up.value(self._subject, name)
            if not self._of.why and not made_up.is_given(self._subject, name):
                keep_attribute(self._of, name)
        return super().__getitem__(name)

    def _may_have(self, name: str) -> bool:
        published = spec_of(self._of.resource_type)
        return name in published.attributes if published else bool(self._of.why and name)


def _admitting(validate):
    def admit(template, conditions, params=None):
        for resource in (template.get("Resources") or {}).values():
            if isinstance(resource, dict):
                _admit(resource.get("Type"))
        return validate(template, conditions, params)

    return admit


def _admit(resource_type: object) -> None:
    """Makes a type known, unless it is or is none."""
    known = provisioners._RESOURCE_HANDLERS
    if not isinstance(resource_type, str) or resource_type in known or resource_type.startswith("Custom::"):
        return
    if not _TYPE.match(resource_type):
        return
    published = spec_of(resource_type)
    why = f"the local AWS does not know {resource_type}"
    known[resource_type] = {
        "create": lambda logical_id, props, stack_name: _make(resource_type, logical_id, props, stack_name, why),
        "update": lambda physical_id, old_props, new_props, stack_name, logical_id: _remake(
            resource_type, physical_id, new_props, stack_name, logical_id or physical_id
        ),
        "update_with_logical_id": True,
        "delete": lambda physical_id, props: None,
    }
    provisioners._REPLACING_PROPERTIES[resource_type] = published.replacing if published else ()


def _without_missing_transforms(apply):
    """AWS::Serverless needs a package that is not installed: its resources are placeholders as they stand."""

    def transform(template, *arguments):
        if engine._SAM_TRANSFORM in engine.declared_transforms(template) and not find_spec("samtranslator"):
            warn(f"The transform {engine._SAM_TRANSFORM} is not applied.")
            template = engine._without_transform(template, engine._SAM_TRANSFORM)
        return apply(template, *arguments)

    return transform


def _providing(provide):
    def make(resource_type, logical_id, props, stack_name):
        _admit(resource_type)
        if _NEEDS_KUBERNETES.match(resource_type):
            why = "no Kubernetes is behind a cluster of the local AWS"
            return _make(resource_type, logical_id, props, stack_name, why)
        try:
            physical_id, attributes = provide(resource_type, logical_id, props, stack_name)
        except Exception as failure:
            why = _lack(resource_type, failure)
            if why is None:
                raise
            return _make(resource_type, logical_id, props, stack_name, why)
        return physical_id, _completed(resource_type, logical_id, props, stack_name, physical_id, attributes)

    return make


def _updating(update):
    def remake(resource_type, physical_id, old_props, new_props, stack_name, logical_id=None, old_attrs=None):
        placeholder = find(resource_type, physical_id)
        empty = placeholder is not None and placeholder.is_empty
        if empty and not provisioners._replacing_change(resource_type, old_props, new_props):
            return _remake(resource_type, physical_id, new_props, stack_name, logical_id or physical_id)
        try:
            made, attributes = update(
                resource_type, physical_id, old_props, new_props, stack_name, logical_id, old_attrs
            )
        except Exception as failure:
            why = _lack(resource_type, failure)
            if why is None:
                raise
            made, attributes = physical_id, old_attrs or {}
            keep(of_resource(resource_type, logical_id or physical_id, stack_name, made, why, outdated=True))
        return made, _completed(resource_type, logical_id or made, new_props, stack_name, made, attributes)

    return remake


def _deleting(delete):
    def remove(resource_type, physical_id, props, stack_name=None, logical_id=None):
        placeholder = placeholder_registry.forget(resource_type, physical_id)
        if placeholder is not None and placeholder.is_empty:
            return
        try:
            delete(resource_type, physical_id, props, stack_name, logical_id)
        except Exception as failure:
            why = _lack(resource_type, failure)
            if why is None:
                raise
            warn(f"{resource_type} is still there after its deletion: {why}.")

    return remove


def _lack(resource_type: str, failure: Exception) -> "str | None":
    """Why MiniStack failed, if AWS would not have."""
    said = str(failure).rstrip(".")
    if isinstance(failure, UnsupportedCall):
        return f"its function called what the local AWS does not have: {said}"
    if _COMPOSED.match(resource_type):
        return None
    if isinstance(failure, _UNEXPECTED):
        return f"the local AWS does not expect what it is to make: {type(failure).__name__} {said}"
    return f"the local AWS does not support it: {said}" if _NOT_SUPPORTED.search(said) else None


def _make(resource_type, logical_id, props, stack_name, why):
    subject = _subject(resource_type, logical_id, props, stack_name)
    placeholder = of_resource(resource_type, logical_id, stack_name, made_up.reference(subject), why)
    keep(placeholder)
    return placeholder.physical_id, MadeUpAttributes({}, subject, placeholder)


def _remake(resource_type, physical_id, props, stack_name, logical_id):
    kept = find(resource_type, physical_id) or of_resource(
        resource_type, logical_id, stack_name, physical_id, f"the local AWS does not know {resource_type}"
    )
    return physical_id, MadeUpAttributes({}, _subject(resource_type, logical_id, props, stack_name), kept)


def _completed(resource_type, logical_id, props, stack_name, physical_id, attributes):
    if isinstance(attributes, MadeUpAttributes) or _COMPOSED.match(resource_type):
        return attributes
    of = find(resource_type, physical_id) or of_resource(resource_type, logical_id, stack_name, physical_id)
    return MadeUpAttributes(attributes or {}, _subject(resource_type, logical_id, props, stack_name), of)


def _subject(resource_type, logical_id, props, stack_name) -> made_up.Subject:
    name = provisioners._physical_name(stack_name, logical_id)
    published = spec_of(resource_type) or ResourceSpec()
    return made_up.Subject(resource_type, name, props or {}, get_account_id(), get_region(), published)


def _forgetting(reset):
    def forget():
        placeholder_registry.forget_all()
        reset()

    return forget
