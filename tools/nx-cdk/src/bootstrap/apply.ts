import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { targetName } from '@nx-cdk/environments';
import type { EngineDependencies } from '../aws/index.ts';
import { Failure } from '../failure/index.ts';

import type { AdminAccess } from './admin-access.ts';
import type { BootstrapChange } from './change.ts';
import type { BootstrapRequest, BootstrapTarget } from './request.ts';

/**
 * Lets the CDK toolkit create or update the bootstrap stack of one target. Each target has a toolkit of its own, since
 * a toolkit has one set of credentials and its messages do not name their target.
 *
 * @param texts the templates, deployed one after the other; see `templatesToDeploy`
 * @returns whether anything was changed
 * @throws Failure `Bootstrap` with the root cause the toolkit found
 */
export async function applyChange(
  target: BootstrapTarget & { readonly id: string },
  { force = false }: BootstrapRequest,
  { existing, trust, executionPolicies, toolkitStackName }: BootstrapChange,
  texts: readonly string[],
  { credentials }: AdminAccess,
  { aws, listener }: EngineDependencies,
): Promise<boolean> {
  const [{ BootstrapEnvironments, BootstrapStackParameters }, { asItemEvent, openToolkit }] = await Promise.all([
    import('@aws-cdk/toolkit-lib'),
    import('../toolkit/index.ts'),
  ]);
  const { id } = target;
  const place = targetName(target);
  const toolkit = await openToolkit({
    aws,
    credentials,
    region: target.region,
    toolkitStackName,
    listener: (event) => listener(asItemEvent(event, id)),
  });
  // The toolkit takes a template of its own or one from a file.
  const folder = await mkdtemp(join(tmpdir(), 'nx-cdk-bootstrap-'));
  const templateFile = join(folder, 'template.yaml');
  const boundary = existing['InputPermissionsBoundary'];
  const parameters = BootstrapStackParameters.withExisting({
    qualifier: target.qualifier,
    ...(trust && { trustedAccounts: [...trust], trustedAccountsForLookup: [...trust] }),
    ...(executionPolicies && { cloudFormationExecutionPolicies: [...executionPolicies] }),
    // The toolkit keeps other parameters, but it would warn of the one and reset the other.
    ...(boundary && { customPermissionsBoundary: boundary }),
    ...(existing['PublicAccessBlockConfiguration'] === 'false' && { publicAccessBlockConfiguration: false }),
  });
  let changed = false;
  try {
    for (const [index, text] of texts.entries()) {
      await writeFile(templateFile, text);
      const result = await toolkit.bootstrap(BootstrapEnvironments.fromList([`aws://${place}`]), {
        // All but the last are of a lower version, to which the toolkit does not go back by itself.
        forceDeployment: force || index < texts.length - 1,
        source: { source: 'custom', templateFile },
        parameters,
      });
      changed ||= result.environments.some(({ status }) => status === 'success');
    }
    return changed;
  } catch (cause) {
    const next = (cause instanceof Error ? cause.message : String(cause)).trim();
    throw new Failure('Bootstrap', { what: `${place} was not bootstrapped`, next }, { cause });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
