import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/**
 * What any SDK client of a build is made with: endpoint, region and credentials come from the environment, as on AWS.
 */
export const config = {
  requestHandler: new NodeHttpHandler({ httpsAgent: new Agent({ ca: readFileSync(process.env.NX_CDK_CA_FILE) }) }),
};

/** Ends as the AWS CLI does: with the error's message and exit code 1. */
export async function main(work) {
  try {
    await work();
  } catch (error) {
    console.error(`An error occurred (${error.name}): ${error.message}`);
    process.exitCode = 1;
  }
}
