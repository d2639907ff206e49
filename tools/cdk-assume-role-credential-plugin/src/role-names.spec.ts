import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readContext, roleName } from './role-names.ts';

const READ = 'assume-role-credentials:readIamRoleName';
const WRITE = 'assume-role-credentials:writeIamRoleName';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'plugin-'))));
afterEach(() => rmSync(folder, { recursive: true }));
const write = (file: string, content: object) => writeFileSync(join(folder, file), JSON.stringify(content));

describe('the name of a role', () => {
  test('is a fixed one where nothing names it', () => {
    expect(roleName({}, 'read', '111111111111')).toBe('cdk-readOnlyRole');
    expect(roleName({}, 'write', '111111111111')).toBe('cdk-writeRole');
  });

  test('comes from the context, with the account in it wherever it is asked for', () => {
    const context = { [READ]: 'reader', [WRITE]: 'cdk-{ACCOUNT_ID}-writer-{ACCOUNT_ID}' };
    expect(roleName(context, 'read', '111111111111')).toBe('reader');
    expect(roleName(context, 'write', '111111111111')).toBe('cdk-111111111111-writer-111111111111');
  });

  test.each([[''], [7], [null]])('is the fixed one where the context says %j', (value) => {
    expect(roleName({ [READ]: value }, 'read', '111111111111')).toBe('cdk-readOnlyRole');
  });
});

describe('the context', () => {
  test('comes from the command line, then cdk.json, then cdk.context.json, then the user’s own file', () => {
    write('.cdk.json', { context: { a: 'user', b: 'user', c: 'user', d: 'user' } });
    write('cdk.context.json', { a: 'looked up', b: 'looked up', c: 'looked up' });
    write('cdk.json', { app: 'node app.js', context: { a: 'app', b: 'app' } });
    expect(readContext(folder, { a: 'given' }, folder)).toEqual({ a: 'given', b: 'app', c: 'looked up', d: 'user' });
  });

  test('is empty where there are no files, or none that can be read', () => {
    writeFileSync(join(folder, 'cdk.json'), '{ "context": ');
    expect(readContext(folder, {}, folder)).toEqual({});
  });
});
