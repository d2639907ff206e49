"""A role that trusts a service can be assumed by that service, and by nobody else.

AWS: a `Service` principal stands for the service; root users of any account are not in it.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services

MiniStack lets the root user of any account assume every role that trusts any service, an account's execution roles
included.
"""

from ministack.core import iam_evaluator


def close() -> None:
    principal_matches = iam_evaluator._principal_matches

    def matches(principal, caller_arn):
        if isinstance(principal, dict) and principal.get("Service"):
            services = principal["Service"]
            if caller_arn in ([services] if isinstance(services, str) else services):
                return True
            principal = {kind: value for kind, value in principal.items() if kind != "Service"}
        return principal_matches(principal, caller_arn)

    iam_evaluator._principal_matches = matches
