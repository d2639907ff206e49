import { scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import pLimit from 'p-limit';
import type { DesiredStack } from '../cloudformation/index.ts';

/** As OWASP advises for passwords: 128 MiB and a third of a second for each guess. */
const COST = { N: 2 ** 17, r: 8, p: 1, maxmem: 2 ** 28 };

/** One at a time, because of the memory. */
const limit = pLimit(1);

/**
 * Identifies the values that are given to the secret parameters of a stack, all of them together; undefined if none is
 * given. Another value gives another digest, in each stack and template.
 *
 * A plan is read by many, and there is no key that a planner and a deployer share and a reader lacks. So guesses can be
 * tried out against the digest, about three a second on one core, and only at all values at once. A random secret of
 * some length is safe. A short PIN is not: it belongs into Secrets Manager.
 */
export async function secretsDigest({
  resolved,
  template,
  parameters,
  digest,
}: DesiredStack): Promise<string | undefined> {
  const secrets = [...parameters]
    .filter(([key]) => template.parameters.get(key)?.noEcho)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  if (secrets.length === 0) return undefined;
  const salt = `nx-cdk plan ${resolved.targetName} ${resolved.stack.stackName} ${digest}`;
  const derive = promisify<string, string, number, typeof COST, Buffer>(scrypt);
  return (await limit(() => derive(JSON.stringify(secrets), salt, 32, COST))).toString('hex');
}
