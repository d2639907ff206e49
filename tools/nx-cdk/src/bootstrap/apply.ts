import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { targetName } from '@libs/environments';
import type { AwsClients } from '../aws/index.ts';
import { Failure } from '../failure/index.ts';
import type { Listener } from '../progress/index.ts';
import type { AdminAccess } from './admin-access.ts';
import type { BootstrapChange } from './change.ts';
import type { BootstrapRequest, BootstrapTarget } from './request.ts';
import type { TemplateToDeploy } from './template-to-deploy.ts';

/** What making a change works with. */
export interface ApplyDependencies {
  readonly aws: AwsClients;
  readonly access: AdminAccess;
  /** Id of the target's item. */
  readonly id: string;
  readonly listener: Listener;
}

/**
 * Lets the CDK toolkit create or update the bootstrap stack of one target. Each target has a toolkit of its own: it
 * holds one set of credentials, and what it says is said of that target only.
 *
 * @returns whether anything was changed
 * @throws Failure `Bootstrap` with the root cause the toolkit found
 */
export async function applyChange(
  target: BootstrapTarget,
  request: BootstrapRequest,
  change: BootstrapChange,
  { text }: TemplateToDeploy,
  { aws, access, id, listener }: ApplyDependencies,
): Promise<boolean> {
  const [{ BootstrapEnvironments, BootstrapStackParameters }, { asItemEvent, openToolkit }] = await Promise.all([
    import('@aws-cdk/toolkit-lib'),
    import('../toolkit/index.ts'),
  ]);
  const toolkit = await openToolkit({
    aws,
    credentials: access.credentials,
    region: target.region,
    toolkitStackName: change.toolkitStackName,
    listener: (event) => listener(asItemEvent(event, id)),
  });
  const { existing, trust, executionPolicies } = change;
  const template = await writeTemplate(text);
  const boundary = existing['InputPermissionsBoundary'];
  try {
    const result = await toolkit.bootstrap(BootstrapEnvironments.fromList([`aws://${targetName(target)}`]), {
      forceDeployment: request.force ?? false,
      source: { source: 'custom', templateFile: template.file },
      parameters: BootstrapStackParameters.withExisting({
        qualifier: request.qualifier,
        ...(trust && { trustedAccounts: [...trust], trustedAccountsForLookup: [...trust] }),
        ...(executionPolicies && { cloudFormationExecutionPolicies: [...executionPolicies] }),
        // The toolkit keeps what it is not told, but not these two: it would warn of the one and reset the other.
        ...(boundary ? { customPermissionsBoundary: boundary } : {}),
        ...(existing['PublicAccessBlockConfiguration'] === 'false' ? { publicAccessBlockConfiguration: false } : {}),
      }),
    });
    return result.environments.some(({ status }) => status === 'success');
  } catch (cause) {
    const next = (cause instanceof Error ? cause.message : String(cause)).trim();
    throw new Failure('Bootstrap', { what: `${targetName(target)} was not bootstrapped`, next }, { cause });
  } finally {
    await template.remove();
  }
}

/** The toolkit takes a template of its own or one from a file. */
async function writeTemplate(text: string) {
  const folder = await mkdtemp(join(tmpdir(), 'nx-cdk-bootstrap-'));
  const file = join(folder, 'template.yaml');
  await writeFile(file, text);
  return { file, remove: () => rm(folder, { recursive: true, force: true }) };
}
