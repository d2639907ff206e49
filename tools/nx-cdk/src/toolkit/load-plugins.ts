import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { CredentialProviderSource } from '@aws-cdk/cli-plugin-contract';
import type { Toolkit } from '@aws-cdk/toolkit-lib';
import { Failure } from '../failure/index.ts';

/**
 * Loads CDK plugins into a toolkit (https://docs.aws.amazon.com/cdk/v2/guide/plugins.html). The credentials that they
 * offer are taken out again: who is asked, when, and what for is for the caller to say.
 *
 * @param names packages or paths, found from `folder`; the CDK CLI finds them from where it is installed itself
 * @throws Failure `Plugin` if one cannot be found or loaded
 */
export async function loadPlugins(
  { pluginHost }: Pick<Toolkit, 'pluginHost'>,
  names: readonly string[],
  folder: string,
): Promise<CredentialProviderSource[]> {
  const { resolve } = createRequire(join(folder, 'cdk.json'));
  for (const name of names) {
    try {
      await pluginHost.load(resolve(name));
    } catch (cause) {
      const what = `The plugin ${name} that ${join(folder, 'cdk.json')} names cannot be loaded: ${reasonOf(cause)}`;
      throw new Failure('Plugin', { what, next: 'install it, or take it out of "plugin"' }, { cause });
    }
  }
  return pluginHost.credentialProviderSources.splice(0);
}

/** The innermost cause, without the list of files that Node adds to it. */
function reasonOf(error: unknown): string {
  const { cause, message = String(error) } = (error ?? {}) as { cause?: unknown; message?: string };
  return cause === undefined ? (message.split('\n')[0] ?? '').replace(/\.$/, '') : reasonOf(cause);
}
