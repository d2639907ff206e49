import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { environmentForPrograms } from './programs.ts';
import { selfSigned } from './testing/certificate.ts';

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'programs-'))));
afterAll(() => rmSync(folder, { recursive: true }));

test('another program trusts whom our own requests trust', () => {
  const own = join(folder, 'own.pem');
  writeFileSync(own, selfSigned().cert);
  const environment = environmentForPrograms({ NX_CDK_CA_FILE: own }, folder);

  const text = readFileSync(environment['AWS_CA_BUNDLE']!, 'utf8');
  expect(environment['NODE_EXTRA_CA_CERTS']).toBe(environment['AWS_CA_BUNDLE']);
  expect(text).toContain(readFileSync(own, 'utf8').trim());
  expect(text).toContain(rootCertificates[0]!.trim());
});

test('where only Node decides whom to trust, nothing is set, and a local endpoint goes through no proxy', () => {
  const environment = environmentForPrograms({ HTTPS_PROXY: 'http://proxy', NO_PROXY: 'own' }, folder);

  expect(environment).not.toHaveProperty('AWS_CA_BUNDLE');
  expect(environment['NO_PROXY']).toBe('own,127.0.0.1,localhost,.localhost,::1');
});

test('keys next to an endpoint win over a profile', () => {
  const profile = { AWS_PROFILE: 'mine', AWS_DEFAULT_PROFILE: 'mine' };
  const keys = { AWS_ENDPOINT_URL: 'https://localhost', AWS_ACCESS_KEY_ID: 'AKIA' };

  expect(environmentForPrograms({ ...profile, ...keys }, folder)).toMatchObject({ ...keys, AWS_PROFILE: undefined });
  expect(environmentForPrograms(profile, folder)).toMatchObject(profile);
});
