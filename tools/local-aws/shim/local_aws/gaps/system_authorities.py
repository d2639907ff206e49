"""A function that names the certificate authorities of Lambda's own machine trusts those of this one.

AWS: the lists are /etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem, which the CDK names for its BucketDeployment, and
/var/runtime/ca-cert.pem of Node. https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html#runtimes-shared

MiniStack passes these names on, to a machine that has no such files, or on which they do not hold the local authority.
"""

from ministack.core import lambda_runtime

_OF_LAMBDA = ("/etc/pki/ca-trust/", "/etc/pki/tls/", "/var/runtime/")
_VARIABLES = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")


def close() -> None:
    init = lambda_runtime.Worker.__init__

    def start(self, name: str, config: dict, *arguments) -> None:
        init(self, name, _for_this_machine(config), *arguments)

    lambda_runtime.Worker.__init__ = start


def _for_this_machine(config: dict) -> dict:
    environment = config.get("Environment") or {}
    variables = environment.get("Variables") or {}
    kept = {
        name: value
        for name, value in variables.items()
        if name not in _VARIABLES or not str(value).startswith(_OF_LAMBDA)
    }
    # Without them, MiniStack names its own.
    return config if kept == variables else {**config, "Environment": {**environment, "Variables": kept}}
