import { existsSync, readFileSync } from 'node:fs';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { AppContext } from './app-context.ts';
import { readCdkJson } from '../cdk-json/index.ts';

let workspace: TemporaryWorkspace;
beforeEach(() => (workspace = temporaryWorkspace()));
afterEach(() => workspace.dispose());
const stored = () => readFileSync(workspace.path('cdk.context.json'), 'utf8');

describe('the context of an app', () => {
  test('is what the caller and cdk.json say over what was looked up', async () => {
    workspace.write('cdk.context.json', { zones: ['a'], stage: 'looked up' });
    const context = new AppContext(workspace.root, { stage: 'given' });
    expect(await context.read()).toEqual({ zones: ['a'], stage: 'given' });
  });

  test('keeps what is looked up in cdk.context.json, which is made to be committed', async () => {
    const context = new AppContext(workspace.root, { stage: 'given' });
    await context.update({ 'availability-zones:account=1': ['a', 'b'] });
    expect(stored()).toBe('{\n  "availability-zones:account=1": [\n    "a",\n    "b"\n  ]\n}\n');
    expect(await new AppContext(workspace.root, {}).read()).toEqual({ 'availability-zones:account=1': ['a', 'b'] });
  });

  test('has the errors of a lookup in this run alone', async () => {
    const context = new AppContext(workspace.root, {});
    const error = { $providerError: 'not found', $dontSaveContext: true };
    await context.update({ vpc: error });
    expect(await context.read()).toEqual({ vpc: error });
    expect(existsSync(workspace.path('cdk.context.json'))).toBe(false);
  });

  test('forgets a value that is set to nothing', async () => {
    workspace.write('cdk.context.json', { zones: ['a'], vpc: 'v' });
    const context = new AppContext(workspace.root, {});
    await context.update({ vpc: undefined });
    expect(JSON.parse(stored())).toEqual({ zones: ['a'] });
  });

  test('is written sorted, and not at all where nothing changes', async () => {
    workspace.write('cdk.context.json', { zones: ['z'], ami: 'a' });
    const before = stored();
    await new AppContext(workspace.root, {}).update({ ami: 'a' });
    expect(stored()).toBe(before);
    await new AppContext(workspace.root, {}).update({ vpc: 'v' });
    expect(Object.keys(JSON.parse(stored()))).toEqual(['ami', 'vpc', 'zones']);
  });

  test('can be made to ask again for some values, and keeps the old ones until the new ones are saved', async () => {
    workspace.write('cdk.context.json', { zones: ['old'], ami: 'a' });
    const context = new AppContext(workspace.root, {}, new Set(['zones']));
    expect(await context.read()).toEqual({ ami: 'a' });
    await context.update({ zones: ['new'] });
    expect(JSON.parse(stored())).toEqual({ zones: ['old'], ami: 'a' });
    await context.save();
    expect(JSON.parse(stored())).toEqual({ zones: ['new'], ami: 'a' });
  });

  test('names the file where it is no JSON', async () => {
    workspace.write('cdk.context.json', '{ "zones": ');
    await expect(new AppContext(workspace.root, {}).read()).rejects.toMatchObject({
      code: 'Context',
      message: expect.stringMatching(/\/cdk\.context\.json is no valid JSON: .*: correct it, or delete it/),
    });
  });
});

describe('cdk.json', () => {
  test('is read as it is', () => {
    workspace.write('cdk.json', { app: 'node app.js', output: 'build', context: { a: 1 } });
    expect(readCdkJson(workspace.root)).toEqual({ app: 'node app.js', output: 'build', context: { a: 1 } });
  });

  test.each([
    ['missing', undefined, /has no cdk\.json: it is no CDK app\.$/],
    ['no JSON', '{ "app": ', /\/cdk\.json is no valid JSON: /],
  ])('names the file where it is %s', (_, text, sentence) => {
    if (text !== undefined) workspace.write('cdk.json', text);
    expect(() => readCdkJson(workspace.root)).toThrow(
      expect.objectContaining({ code: 'CdkJson', message: expect.stringMatching(sentence) }),
    );
  });
});
