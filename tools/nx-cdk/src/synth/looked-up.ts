import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ContextProvider, type MissingContext } from '@aws-cdk/cloud-assembly-schema';
import type { LookupPlace } from '../toolkit/index.ts';

/** Providers of context that is looked up; each key begins with one. */
const PROVIDERS = new Set<string>(Object.values(ContextProvider));

/** Parts of a key that say how something is looked up, and nothing of what. */
const UNSAID = new Set([
  'dummyValue',
  'ignoreErrorOnMissingContext',
  'returnAsymmetricSubnets',
  'returnVpnGateways',
  'account',
  'region',
]);

/** Parts of a key whose value alone says it all. */
const BY_VALUE = new Set(['parameterName', 'domainName', 'aliasName', 'typeName', 'exactIdentifier', 'pluginName']);

/**
 * Reads a key of `cdk.context.json` as CDK's ContextProvider writes them: the provider, then properties, separated by
 * colons, and a colon in a value is `$:`. The name is for people: `ssm /shop/vpc of 111111111111/eu-west-1`.
 *
 * @returns undefined for a key that was not looked up but written by somebody
 */
export function readKey(key: string): { readonly name: string; readonly account?: string } | undefined {
  const [provider = '', ...parts] = key.split(/(?<!\$):/);
  if (!PROVIDERS.has(provider) || parts.length === 0) return undefined;
  const properties = parts.map((part) => {
    const [name = '', ...value] = part.replaceAll('$:', ':').replaceAll('$$', '$').split('=');
    return { name, value: value.join('=') };
  });
  const valueOf = (wanted: string) => properties.find(({ name }) => name === wanted)?.value;
  const [account, region] = [valueOf('account'), valueOf('region')];
  const what = properties
    .filter(({ name }) => !UNSAID.has(name))
    .map(({ name, value }) => (BY_VALUE.has(name) ? value : `${name}=${value}`));
  const where = account === undefined || region === undefined ? [] : [`of ${account}/${region}`];
  return { name: [provider.replace(/-provider$/, ''), ...what, ...where].join(' '), account };
}

/** What a key asks for, for people; the key itself if it is none of ours. */
export function nameOfKey(key: string): string {
  return readKey(key)?.name ?? key;
}

/** What the app whose assembly this is asked for and did not get. */
export function missingIn(assembly: string): readonly MissingContext[] {
  const file = join(assembly, 'manifest.json');
  if (!existsSync(file)) return [];
  return (JSON.parse(readFileSync(file, 'utf8')) as { missing?: MissingContext[] }).missing ?? [];
}

/** Where to look up a missing value. */
export function placeOf({ props }: MissingContext): LookupPlace {
  const { account, region, lookupRoleArn: arn, ...role } = props as LookupProps;
  const { lookupRoleExternalId: externalId, assumeRoleAdditionalOptions: options } = role;
  return { account, region, ...(arn && { role: { arn, externalId, options } }) };
}

interface LookupProps {
  readonly account: string;
  readonly region: string;
  readonly lookupRoleArn?: string;
  readonly lookupRoleExternalId?: string;
  readonly assumeRoleAdditionalOptions?: Readonly<Record<string, unknown>>;
}
