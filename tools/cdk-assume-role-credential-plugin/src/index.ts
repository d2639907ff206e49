import type { IPluginHost } from '@aws-cdk/cli-plugin-contract';
import { AssumeRoleSource } from './assume-role-source.ts';

// The CDK loads a plugin with `require`, and looks for these two names in what it gets. Node 24 answers with this ES
// module as it is, types stripped, as long as nothing in it awaits at its top level.

/** Version of the plugin protocol (https://www.npmjs.com/package/@aws-cdk/cli-plugin-contract). */
export const version = '1';

/** Offers the host credentials of roles in other accounts. */
export function init(host: IPluginHost): void {
  host.registerCredentialProviderSource(new AssumeRoleSource());
}
