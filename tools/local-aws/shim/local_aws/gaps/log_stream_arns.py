"""A call about a log stream is authorized against the stream's ARN, and one about a group against either form of the
group's.

AWS: CreateLogStream, PutLogEvents and what else names a stream have `log-group:<group>:log-stream:<stream>` for their
resource. The ARN of a group ends with `:*` in most policies, the CDK's among them, and a call about the group is
allowed with it and without.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html and
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html

MiniStack authorizes all against the group's ARN without `:*`: a role that may write to the streams of a group is
refused, and one that could write nowhere on AWS is not.
"""

from ministack.core import iam_actions, iam_evaluator

_OF_STREAMS = ("CreateLogStream", "DeleteLogStream", "GetLogEvents", "PutLogEvents")


def close() -> None:
    original, enforce = iam_actions.extract_resource_arn, iam_evaluator.enforce

    def extract_resource_arn(service, method, path, headers, body, routing_params, region, account_id):
        arn = original(service, method, path, headers, body, routing_params, region, account_id)
        if (
            service != "logs"
            or headers.get("x-amz-target", "").rpartition(".")[2] not in _OF_STREAMS
            or ":log-group:" not in arn
        ):
            return arn
        return f"{arn}:log-stream:{iam_actions._safe_json_field(body, 'logStreamName')}"

    def enforce_either(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
        denied = enforce(
            access_key_id, iam_action, service, region, resource_arn=resource_arn, service_context=service_context
        )
        of_group = service == "logs" and ":log-group:" in resource_arn and ":log-stream:" not in resource_arn
        if not of_group or getattr(denied, "decision", None) != "ImplicitDeny":
            return denied
        other = enforce(
            access_key_id,
            iam_action,
            service,
            region,
            resource_arn=f"{resource_arn}:log-stream:",
            service_context=service_context,
        )
        # None is permission; the first refusal names the group as people know it.
        return None if other is None else denied

    iam_actions.extract_resource_arn, iam_evaluator.enforce = extract_resource_arn, enforce_either
