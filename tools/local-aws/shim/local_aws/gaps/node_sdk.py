"""A Node function finds every client of AWS's SDK, whether it bundles one or not.

AWS: the runtimes have the AWS SDK for JavaScript v3, https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html.
Functions that the CDK brings along need it, and an AwsCustomResource any client.

MiniStack has what is installed in the workspace, and otherwise imitations of some clients. Here a client that is not
installed is installed when a function first asks for it, into a folder that all instances share. `import` finds the
same as `require`. A custom resource that asks for the newest SDK gets this one: its function would install it into
/tmp, where on Lambda nobody else writes.
"""

import os

from ministack.core import lambda_runtime
from ministack.services.cloudformation import custom_resource

_PRELUDE = r"""
(() => {
  const { execFileSync } = require("child_process");
  const { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } = require("fs");
  const Module = require("module");
  const { join } = require("path");
  const { pathToFileURL } = require("url");
  const shared = process.env.LOCAL_AWS_SDK;
  const isSdk = (id) => /^@aws-sdk\/(client|lib|util)-[a-z0-9-]+$/.test(id);
  const isMissing = (error, id) => /MODULE_NOT_FOUND/.test(error?.code) && error.message.includes("'" + id + "'");

  function installed(id) {
    const folder = join(shared, id.slice("@aws-sdk/".length));
    if (!existsSync(folder)) {
      const staging = folder + "." + process.pid + ".new";
      try {
        mkdirSync(staging, { recursive: true });
        writeFileSync(join(staging, "package.json"), "{}");
        const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
        execFileSync("npm", ["install", ...options, "--prefix", staging, id], { stdio: ["ignore", "ignore", "pipe"] });
        renameSync(staging, folder);
      } catch (error) {
        // Another function may have been faster.
        if (!existsSync(folder))
          throw new Error("Lambda has " + id + ", and it could not be installed here: " + error.message);
      } finally {
        rmSync(staging, { recursive: true, force: true });
      }
    }
    return join(folder, "node_modules", id);
  }

  const original = Module.prototype.require;
  Module.prototype.require = function (id) {
    try {
      return original.apply(this, arguments);
    } catch (error) {
      if (!shared || !isSdk(id) || !isMissing(error, id)) throw error;
      return original.call(this, installed(id));
    }
  };
  // Node 22.15 and later. Without it, import finds what lies beside the function.
  Module.registerHooks?.({
    resolve(id, context, next) {
      if (!shared || !isSdk(id) || context.conditions.includes("require")) return next(id, context);
      try {
        return next(id, context);
      } catch {
        const find = Module.createRequire(join(shared, "index.js"));
        try {
          return next(pathToFileURL(find.resolve(id)).href, context);
        } catch (error) {
          if (!isMissing(error, id)) throw error;
          return next(pathToFileURL(find.resolve(installed(id))).href, context);
        }
      }
    },
  });
})();
"""


def close() -> None:
    lambda_runtime._NODEJS_WORKER_SCRIPT = _PRELUDE + lambda_runtime._NODEJS_WORKER_SCRIPT
    invoke = custom_resource.invoke_custom_resource

    def invoke_with_this_sdk(request_type, logical_id, props, *arguments, **named):
        if "InstallLatestAwsSdk" in props and os.environ.get("LOCAL_AWS_SDK"):
            props = {**props, "InstallLatestAwsSdk": "false"}
        return invoke(request_type, logical_id, props, *arguments, **named)

    custom_resource.invoke_custom_resource = invoke_with_this_sdk
