"""The gaps between MiniStack 1.5.33 and AWS that this workspace's work leans on, one module each, closed where MiniStack stands open.

Each module says what AWS does, with its source. MiniStack's version is pinned, so what is replaced here is known to be there.
"""

from local_aws.gaps import code_pipeline, ecr_repository_arn, execute_api_hosts, organization_role, stack_description


def close_all(management_account: str) -> None:
    organization_role.close(management_account)
    stack_description.close()
    code_pipeline.close()
    ecr_repository_arn.close()
    execute_api_hosts.close()
