import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificateAuthorities, proxyEnvironment } from './http.ts';

/** Variables that name a profile, which would hide the keys of an endpoint. */
const PROFILES = ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE'];

/**
 * The environment of another program that calls AWS: it reaches the same endpoint by the same certificate authorities
 * and proxies, and with the same credentials, as our own requests.
 *
 * @param folder gets a file with the authorities, if there are other ones than Node's
 * @throws Failure `CaFile`
 */
export function environmentForPrograms(environment: NodeJS.ProcessEnv, folder: string): NodeJS.ProcessEnv {
  const authorities = certificateAuthorities(environment);
  const file = join(folder, 'authorities.pem');
  if (authorities !== undefined) writeFileSync(file, `${authorities.join('\n')}\n`);
  // Keys next to an endpoint are for that endpoint.
  const keys = environment['AWS_ENDPOINT_URL'] && environment['AWS_ACCESS_KEY_ID'];
  return {
    ...proxyEnvironment(environment),
    ...(authorities && { AWS_CA_BUNDLE: file, NODE_EXTRA_CA_CERTS: file }),
    ...(keys && Object.fromEntries(PROFILES.map((name) => [name, undefined]))),
  };
}
