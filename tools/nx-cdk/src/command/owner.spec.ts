import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stackOwner } from '../cloudformation/index.ts';
import { ownerOf } from './owner.ts';

let workspace: string;

beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'owner-'));
});
afterEach(() => rmSync(workspace, { recursive: true, force: true }));

test('the owner is the project in the workspace that package.json names', () => {
  writeFileSync(join(workspace, 'package.json'), '{ "name": "acme" }');
  expect(ownerOf(workspace, 'infra')).toEqual(stackOwner('acme', 'infra'));
});

test.each(['{}', '{ "name": "" }', '{ "name": 1 }', '{'])('nobody is the owner if package.json is %s', (text) => {
  writeFileSync(join(workspace, 'package.json'), text);
  expect(ownerOf(workspace, 'infra')).toBeUndefined();
});

test('nobody is the owner without a package.json', () => {
  expect(ownerOf(workspace, 'infra')).toBeUndefined();
});
