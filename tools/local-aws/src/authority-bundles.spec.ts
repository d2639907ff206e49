import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { writeAuthorityBundles } from './authority-bundles.ts';
import { instanceFiles } from './locations.ts';

const pem = (name: string) => `-----BEGIN CERTIFICATE-----\n${name}\n-----END CERTIFICATE-----`;

describe('the authorities that clients are given', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'bundles-'));
    await mkdir(join(directory, 'tls'));
    await writeFile(instanceFiles(directory).authority, pem('ours'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  test('keep what the machine trusted before: its own bundles and the public authorities', async () => {
    await writeFile(join(directory, 'company.pem'), pem('company'));
    await writeFile(join(directory, 'proxy.pem'), `# a proxy\n${pem('proxy')}\n`);
    const environment = {
      NODE_EXTRA_CA_CERTS: join(directory, 'company.pem'),
      AWS_CA_BUNDLE: join(directory, 'proxy.pem'),
    };

    await writeAuthorityBundles(directory, environment);

    const { bundle, extraAuthorities } = instanceFiles(directory);
    expect(await readFile(extraAuthorities, 'utf8')).toBe(`${pem('ours')}\n${pem('company')}\n`);
    const everything = await readFile(bundle, 'utf8');
    for (const one of [pem('ours'), pem('company'), pem('proxy'), rootCertificates[0]!])
      expect(everything).toContain(one);
  });

  test('do not grow when the variables name these files already, and do not mind a file that is gone', async () => {
    const { bundle, extraAuthorities } = instanceFiles(directory);
    await writeAuthorityBundles(directory, { NODE_EXTRA_CA_CERTS: join(directory, 'gone.pem') });
    const before = await Promise.all([readFile(bundle, 'utf8'), readFile(extraAuthorities, 'utf8')]);

    await writeAuthorityBundles(directory, { NODE_EXTRA_CA_CERTS: extraAuthorities, AWS_CA_BUNDLE: bundle });

    expect(await Promise.all([readFile(bundle, 'utf8'), readFile(extraAuthorities, 'utf8')])).toEqual(before);
  });
});
