import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { CreateStackCommand, waitUntilStackCreateComplete } from '@aws-sdk/client-cloudformation';
import type { LocalAws } from '@nx-cdk/local-aws';
import { CI, type Place } from './landscape.ts';
import { rootClients } from './local-clients.ts';

/** CDK's own bootstrap template. */
export function bootstrapTemplate(): Promise<string> {
  const cli = dirname(createRequire(import.meta.url).resolve('aws-cdk/package.json'));
  return readFile(join(cli, 'lib/api/bootstrap/bootstrap-template.yaml'), 'utf8');
}

/**
 * Bootstraps an account and region with trust for the CI account.
 *
 * @param template by default, CDK's own
 */
export async function bootstrap(
  aws: LocalAws,
  place: Place,
  template?: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<void> {
  await createStack(aws, place, 'CDKToolkit', template ?? (await bootstrapTemplate()), {
    TrustedAccounts: CI.account,
    CloudFormationExecutionPolicies: 'arn:aws:iam::aws:policy/AdministratorAccess',
    ...parameters,
  });
}

/** Creates a stack as the root of the account, and waits for it. */
export async function createStack(
  aws: LocalAws,
  place: Place,
  name: string,
  template: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<void> {
  const client = rootClients(aws, place).cloudFormation();
  await client.send(
    new CreateStackCommand({
      StackName: name,
      TemplateBody: template,
      Capabilities: ['CAPABILITY_NAMED_IAM'],
      Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
        ParameterKey,
        ParameterValue,
      })),
    }),
  );
  const everySecond = { minDelay: 1, maxDelay: 1, maxWaitTime: 1200 };
  await waitUntilStackCreateComplete({ client, ...everySecond }, { StackName: name });
  client.destroy();
}
