import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentsOf, isInstanceName } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'environments-'));
const file = join(folder, 'environments.json');
const targets = [{ account: '111111111111', region: 'eu-west-1' }];
beforeAll(() =>
  writeFileSync(
    file,
    JSON.stringify({
      ci: { account: '123456789012', region: 'eu-west-1' },
      environments: [
        { name: 'sandbox', instances: true, targets },
        { name: 'prod', targets },
      ],
    }),
  ),
);
afterAll(() => rmSync(folder, { recursive: true }));

/** The stages that an app makes with this context. */
function stages(instance?: unknown) {
  const context: Record<string, unknown> = { 'nx-cdk:environments': file, 'nx-cdk:instance': instance };
  const { environments } = environmentsOf({ node: { tryGetContext: (key) => context[key] } });
  return environments.map(({ name, instance: one, stageName }) => [name, one, stageName]);
}

test('without an instance, an app makes what exists once', () => {
  expect(stages()).toEqual([['prod', undefined, 'prod']]);
});

test('with an instance, it makes that and nothing else', () => {
  expect(stages('sandbox/ada')).toEqual([['sandbox', 'ada', 'sandbox-ada']]);
});

test.each(['prod/ada', 'none/ada', 'sandbox', 'sandbox/', 'sandbox/ada/more', 'sandbox/Ada', 7])(
  'given the instance %p, it says what one is',
  (instance) => {
    expect(() => stages(instance)).toThrow('an environment of');
  },
);

test('the name of an instance fits into names of stacks', () => {
  expect(['ada', 'pr-12', '7', 'a-very-long-name-020'].filter((name) => !isInstanceName(name))).toEqual([]);
  const wrong = ['', 'Ada', '-ada', 'ada-', 'a.b', 'a/b', 'a b', 'ad\u00e4', 'a-very-long-name-0201'];
  expect(wrong.filter(isInstanceName)).toEqual([]);
});
