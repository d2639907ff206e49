import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { toolVersions } from './tool-versions.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tools-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const installed = (path: string, version: string) => {
  const file = join(folder, path, 'package.json');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ version }));
};
const SCHEMA = '@aws-cdk/cloud-assembly-schema';

test('the versions are those that the app has', () => {
  installed('node_modules/aws-cdk-lib', '2.1.0');
  installed('node_modules/constructs', '10.1.0');
  expect(toolVersions(join(folder, 'apps/shop'))).toMatchObject({
    'aws-cdk-lib': '2.1.0',
    constructs: '10.1.0',
    node: process.versions.node,
  });
});

test('the schema is the one that the library of the app writes manifests by', () => {
  installed('node_modules/aws-cdk-lib', '2.1.0');
  installed(`node_modules/${SCHEMA}`, '55.0.0');
  expect(toolVersions(folder)).toMatchObject({ [SCHEMA]: '55.0.0' });
  installed(`node_modules/aws-cdk-lib/node_modules/${SCHEMA}`, '54.0.0');
  expect(toolVersions(folder)).toMatchObject({ [SCHEMA]: '54.0.0' });
});

test('it is found where a package manager links the library from', () => {
  installed('store/node_modules/aws-cdk-lib', '2.1.0');
  installed(`store/node_modules/${SCHEMA}`, '54.0.0');
  installed(`node_modules/${SCHEMA}`, '55.0.0');
  symlinkSync(join(folder, 'store/node_modules/aws-cdk-lib'), join(folder, 'node_modules/aws-cdk-lib'));
  expect(toolVersions(folder)).toMatchObject({ [SCHEMA]: '54.0.0' });
});
