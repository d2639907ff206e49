import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { clientEnvironment, foreignClientEnvironment, shellExports, writeEnvFile } from './client-environment.ts';

const target = {
  endpoint: 'https://127.0.0.1:4566',
  registryProxy: 'http://127.0.0.1:4567',
  directory: "/home/o'neil/my workspace/.local-aws/default",
  account: '111111111111',
  secret: 'the-secret-of-this-instance',
  region: 'eu-west-1',
};

describe('what clients are told', () => {
  test('our tools get the certificate in a variable of ours; those that machines set already are left alone', () => {
    const environment = clientEnvironment(target);

    expect(environment).toMatchObject({
      AWS_ENDPOINT_URL: 'https://127.0.0.1:4566',
      NX_CDK_ENDPOINT_START: 'npx local-aws start',
      AWS_ACCESS_KEY_ID: '111111111111',
      AWS_SECRET_ACCESS_KEY: 'the-secret-of-this-instance',
      AWS_REGION: 'eu-west-1',
      NX_CDK_CA_FILE: join(target.directory, 'tls/ca.pem'),
      NX_CDK_REGISTRY_PROXY: 'http://127.0.0.1:4567',
      NX_CDK_SERVICE_SESSIONS: 'https://127.0.0.1:4566/_local-aws/service-session',
      NX_CDK_SERVICE_SESSIONS_SECRET: 'the-secret-of-this-instance',
    });
    expect(environment).not.toHaveProperty('HTTPS_PROXY');
    expect(environment).not.toHaveProperty('NODE_EXTRA_CA_CERTS');
    expect(environment).not.toHaveProperty('AWS_CA_BUNDLE');
  });

  test('programs that know nothing of this workspace get both variables that the CDK CLI reads', () => {
    expect(foreignClientEnvironment(target)).toMatchObject({
      AWS_CA_BUNDLE: join(target.directory, 'tls/bundle.pem'),
      NODE_EXTRA_CA_CERTS: join(target.directory, 'tls/extra.pem'),
    });
  });

  test('a shell that evaluates the exports has exactly these values, blanks and quotes included', () => {
    const variables = foreignClientEnvironment(target);

    const seen = execFileSync('sh', ['-c', `${shellExports(variables, {})}\nenv`], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] },
    });

    for (const [name, value] of Object.entries(variables)) expect(seen.split('\n')).toContain(`${name}=${value}`);
  });

  test('a profile or a session token of the shell would win over the keys: it is unset', () => {
    const exports = shellExports(clientEnvironment(target), { AWS_PROFILE: 'work', AWS_SESSION_TOKEN: 'real' });

    expect(exports.split('\n')[0]).toBe('unset AWS_PROFILE AWS_SESSION_TOKEN');
    expect(shellExports(clientEnvironment(target), {})).not.toContain('unset');
  });

  test('the env file holds the same values for whoever parses it, and is for its owner only', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'env-file-'));
    try {
      const file = join(folder, '.env.local-aws');

      await writeEnvFile(file, clientEnvironment(target));

      expect(parseEnv(await readFile(file, 'utf8'))).toEqual(clientEnvironment(target));
      expect((await stat(file)).mode & 0o077).toBe(0);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
