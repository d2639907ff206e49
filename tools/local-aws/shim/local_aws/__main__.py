"""``python -m local_aws --directory <instance directory> --port <port>``: one instance, in the foreground.

The socket is bound before MiniStack is imported, because MiniStack reads its own port from the environment at import
time and a free port (``--port 0``) is known only after binding.
"""

import argparse
import errno
import os
import pathlib
import socket
import sys

# Read by the starter (src/server-process.ts): the port is taken.
EXIT_PORT_IN_USE = 98


def bind_loopback(port: int) -> socket.socket:
    """The listening socket. Only ever on loopback: who knows the secret owns every account."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(512)
    except OSError as error:
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            print(f"port {port}: {error.strerror}", file=sys.stderr)
            sys.exit(EXIT_PORT_IN_USE)
        raise
    return listener


def main() -> None:
    parser = argparse.ArgumentParser(prog="local_aws")
    parser.add_argument("--directory", type=pathlib.Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()

    bind_host = os.environ.get("BIND_HOST", "127.0.0.1")
    if bind_host != "127.0.0.1":
        sys.exit(
            f"BIND_HOST is {bind_host}: the local AWS serves 127.0.0.1 only, "
            "since it runs the code of functions as you."
        )

    # Whatever the server and its functions write is their owner's.
    os.umask(0o077)
    listener = bind_loopback(arguments.port)
    port = listener.getsockname()[1]
    os.environ["GATEWAY_PORT"] = str(port)

    from local_aws.certificate import ensure_certificate

    certificate = ensure_certificate(arguments.directory / "tls")
    os.environ["MINISTACK_SSL_CERT"] = str(certificate.chain)
    os.environ["MINISTACK_SSL_KEY"] = str(certificate.key)

    from local_aws.private_files import ensure_secret

    secret = ensure_secret(arguments.directory)
    # MiniStack takes it for the secret of every account's root key.
    os.environ["AWS_SECRET_ACCESS_KEY"] = secret

    from local_aws.server import serve

    serve(listener, arguments.directory, certificate, secret)


main()
