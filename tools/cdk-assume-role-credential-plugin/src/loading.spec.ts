import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const PACKAGE = join(import.meta.dirname, '..');

// A process of its own: what a host gets is a matter of Node, and Jest has a module system of its own.
test.each([
  ['by its name', '@nx-cdk/cdk-assume-role-credential-plugin'],
  ['by its folder', PACKAGE],
  ['by its file', join(PACKAGE, 'src', 'index.ts')],
])('a host that loads it with require, %s, gets version 1 of the protocol and no warning', (_, name) => {
  const host = `
    const plugin = require(${JSON.stringify(name)});
    const sources = [];
    plugin.init({ registerCredentialProviderSource: (source) => sources.push(source.name) });
    console.log(JSON.stringify([plugin.version, sources]));
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', host], {
    cwd: join(createRequire(import.meta.url).resolve('aws-cdk/package.json'), '..'),
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
  });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual(['1', ['cdk-assume-role-credential-plugin']]);
});
