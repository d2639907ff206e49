"""A refusal names the resource that permission is missing for.

AWS: "User: ... is not authorized to perform: ... on resource: ... because ..." is the wording of most services.
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html

MiniStack leaves the resource out for most services, so that nobody can tell which statement to add.
"""

from ministack.core import iam_actions


def close() -> None:
    original = iam_actions.access_denied_response

    def access_denied_response(
        service,
        action,
        principal_arn,
        request_id,
        *,
        error_code="",
        message="",
        resource_arn="*",
        explicit_deny=False,
        resource_policy_arn="",
        **named,
    ):
        if not error_code and not message and not resource_policy_arn and service != "iot-data":
            # S3 puts quotes around an ARN.
            resource = f'"{resource_arn}"' if service == "s3" else resource_arn
            message = iam_actions.identity_denial_message(action, principal_arn, resource, explicit_deny)
        return original(
            service,
            action,
            principal_arn,
            request_id,
            error_code=error_code,
            message=message,
            resource_arn=resource_arn,
            explicit_deny=explicit_deny,
            resource_policy_arn=resource_policy_arn,
            **named,
        )

    iam_actions.access_denied_response = access_denied_response
