"""A Python function runs the programs of its layers, and what they print is no answer of the function.

AWS: layers are unpacked in /opt, and the runtime's Python is /var/lang/bin/python. A program of a layer is started as
/opt/<name>. https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html

MiniStack unpacks layers in a temporary folder, where only imports find them. The CDK's BucketDeployment starts the AWS
CLI of its layer, /opt/awscli/aws. The programs of a function also write to where MiniStack reads its answers.
"""

from ministack.core import lambda_runtime

_PRELUDE = """
import os as _os, subprocess as _subprocess, sys as _sys

# What answers is a copy of standard output; what is printed goes to the log.
_sys.stdout = _os.fdopen(_os.dup(1), "w", buffering=1)
_os.dup2(2, 1)

def _program_of_layer(path):
    for layer in filter(None, _os.environ.get("_LAMBDA_LAYERS_DIRS", "").split(_os.pathsep)):
        found = _os.path.join(layer, path[len("/opt/"):])
        if _os.path.isfile(found):
            return found
    return path

class _Popen(_subprocess.Popen):
    def __init__(self, args, *more, **named):
        if isinstance(args, (list, tuple)) and args and str(args[0]).startswith("/opt/"):
            program = _program_of_layer(str(args[0]))
            with open(program, "rb") as file:
                by_python = file.readline().startswith(b"#!/var/lang/bin/python")
            args = [*([_sys.executable] if by_python else []), program, *args[1:]]
        super().__init__(args, *more, **named)

_subprocess.Popen = _Popen
# Its second run would compile the whole AWS CLI again.
_os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
"""


def close() -> None:
    lambda_runtime._PYTHON_WORKER_SCRIPT = _PRELUDE + lambda_runtime._PYTHON_WORKER_SCRIPT
