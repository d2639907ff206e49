import { readFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { CloudFormationClient, CreateStackCommand, waitUntilStackCreateComplete } from '@aws-sdk/client-cloudformation';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { LocalAws } from 'local-aws';
import { withImageDigests } from 'nx-cdk/bootstrap';

/** An account and a region in it. */
export interface Place {
  readonly account: string;
  readonly region: string;
}

/** The account whose keys start everything; the other ones trust it. */
export const CI_ACCOUNT = '123456789012';

const REGIONS = ['eu-west-1', 'us-east-1'];

/** This number of places, in accounts of two regions each. */
export function places(count: number): Place[] {
  return Array.from({ length: count }, (_, index) => ({
    account: String(200_000_000_001 + Math.floor(index / REGIONS.length)),
    region: REGIONS[index % REGIONS.length]!,
  }));
}

/**
 * What `nx bootstrap` makes in each place: what `cdk bootstrap --trust` does, and a deploy role that may read image
 * digests. All at once and without a CLI, which would take minutes for this number of places.
 *
 * @param workspace whose CDK CLI it is
 */
export async function bootstrap(aws: LocalAws, workspace: string, targets: readonly Place[]): Promise<void> {
  const cli = dirname(createRequire(join(workspace, 'package.json')).resolve('aws-cdk/package.json'));
  const template = withImageDigests(await readFile(join(cli, 'lib/api/bootstrap/bootstrap-template.yaml'), 'utf8'));
  if (!('text' in template)) throw new Error(`The bootstrap template of ${cli} has no ${template.missing}.`);
  const httpsAgent = new Agent({ ca: await readFile(aws.caFile), keepAlive: true });
  const requestHandler = new NodeHttpHandler({ httpsAgent });
  const parameters = {
    TrustedAccounts: CI_ACCOUNT,
    TrustedAccountsForLookup: CI_ACCOUNT,
    CloudFormationExecutionPolicies: 'arn:aws:iam::aws:policy/AdministratorAccess',
  };
  try {
    await Promise.all(
      targets.map(async ({ account, region }) => {
        const credentials = aws.credentialsFor(account);
        const client = new CloudFormationClient({ region, endpoint: aws.endpoint, credentials, requestHandler });
        await client.send(
          new CreateStackCommand({
            StackName: 'CDKToolkit',
            TemplateBody: template.text,
            Capabilities: ['CAPABILITY_NAMED_IAM'],
            Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
              ParameterKey,
              ParameterValue,
            })),
          }),
        );
        const everySecond = { minDelay: 1, maxDelay: 1, maxWaitTime: 120 };
        await waitUntilStackCreateComplete({ client, ...everySecond }, { StackName: 'CDKToolkit' });
      }),
    );
  } finally {
    httpsAgent.destroy();
  }
}
