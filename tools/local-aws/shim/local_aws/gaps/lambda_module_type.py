"""A Lambda function's code stands below no package.json but its own.

AWS: code lies in /var/task, with nothing above it that Node reads, so a file called index.js without a package.json
beside it is CommonJS. https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html

MiniStack unpacks code below its temporary folder. Where that is in a workspace whose package.json says "type":
"module", Node takes the function, and MiniStack's own worker, for an ES module, and both end at once. An empty
package.json above them ends Node's search.
"""

import pathlib
import tempfile


def close() -> None:
    (pathlib.Path(tempfile.gettempdir()) / "package.json").write_text("{}\n")
