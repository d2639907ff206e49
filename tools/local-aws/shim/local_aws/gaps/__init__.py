"""The gaps between MiniStack 1.5.33 and AWS that this workspace depends on, one module each, closed where
MiniStack stands open.

Each module says what AWS does, with its source. MiniStack's version is pinned, so what is replaced here is known to be
there.
"""

from local_aws.gaps import (
    bucket_settings,
    bucket_tags,
    change_sets,
    code_build,
    code_pipeline,
    code_pipeline_webhook,
    custom_resources,
    denial_messages,
    ecr_images,
    ecr_registry,
    ecr_repository_arn,
    encrypted_objects,
    execute_api,
    expected_bucket_owner,
    exports_in_use,
    foreign_buckets,
    full_buckets,
    function_sessions,
    hidden_keys,
    imported_buckets,
    key_aliases,
    lambda_aliases,
    lambda_code,
    lambda_images,
    lambda_module_type,
    layer_programs,
    layer_uploads,
    log_stream_arns,
    nested_exports,
    node_sdk,
    oidc_provider,
    operation_settings,
    organization_role,
    parameter_arns,
    placeholder_reasons,
    placeholders,
    principal_keys,
    public_parameters,
    root_signatures,
    search_domains,
    secret_references,
    service_principals,
    service_role,
    signing_key,
    stack_description,
    system_authorities,
    template_url,
    trust_within_account,
    unsigned_requests,
    unsupported_calls,
    web_identity,
)


def close_all(
    management_account: str, secret: str, signing: "tuple[str, str] | None" = None, strict: bool = False
) -> None:
    root_signatures.close()
    unsigned_requests.close()
    service_principals.close()
    principal_keys.close()
    oidc_provider.close()
    web_identity.close(secret)
    trust_within_account.close()
    denial_messages.close()
    organization_role.close(management_account)
    expected_bucket_owner.close()
    foreign_buckets.close()
    # A refused key is refused before anybody is told what is there.
    encrypted_objects.close()
    hidden_keys.close()
    # What a call is authorized against.
    ecr_repository_arn.close()
    ecr_registry.close()
    ecr_images.close()
    layer_uploads.close()
    key_aliases.close()
    lambda_aliases.close()
    if signing:
        signing_key.close(*signing)
    log_stream_arns.close()
    parameter_arns.close()
    search_domains.close()
    secret_references.close()
    execute_api.close()
    code_build.close()
    code_pipeline.close()
    code_pipeline_webhook.close()
    bucket_settings.close()
    bucket_tags.close()
    full_buckets.close()
    imported_buckets.close()
    lambda_code.close()
    function_sessions.close(secret)
    lambda_images.close()
    lambda_module_type.close()
    layer_programs.close()
    system_authorities.close()
    node_sdk.close()
    unsupported_calls.close()
    custom_resources.close()
    public_parameters.close()
    template_url.close()
    nested_exports.close()
    if not strict:
        # After all that changes how a resource is made: what fails there may become a placeholder.
        placeholders.close()
        placeholder_reasons.close()
    # These wrap one another's actions: a role is checked first, as on AWS.
    exports_in_use.close()
    stack_description.close()
    change_sets.close()
    operation_settings.close()
    service_role.close()
