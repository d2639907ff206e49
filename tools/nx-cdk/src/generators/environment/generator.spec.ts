import type { Tree } from '@nx/devkit';
import { createTree } from '@nx/devkit/testing';
import { EXAMPLE_ENVIRONMENTS, makeEnvironmentsFile } from '../../workspace/index.ts';
import environmentGenerator from './generator.ts';
import type { EnvironmentGeneratorSchema } from './schema.d.ts';

const targets = '333333333333/eu-west-1';
let tree: Tree;
beforeEach(() => {
  tree = createTree();
  makeEnvironmentsFile(tree, EXAMPLE_ENVIRONMENTS);
});
const content = () => tree.read('environments.json', 'utf8')!;
const environments = () => JSON.parse(content()).environments as { name: string }[];
const add = async (options: Partial<EnvironmentGeneratorSchema> = {}) =>
  environmentGenerator(tree, { name: 'qa', targets, ...options });

test.each<[Partial<EnvironmentGeneratorSchema>, string[]]>([
  [{}, ['staging', 'prod', 'qa']],
  [{ before: '' }, ['staging', 'prod', 'qa']],
  [{ before: 'staging' }, ['qa', 'staging', 'prod']],
  [{ before: 'prod' }, ['staging', 'qa', 'prod']],
  [{ after: 'staging' }, ['staging', 'qa', 'prod']],
  [{ after: 'staging', before: 'prod' }, ['staging', 'qa', 'prod']],
])('with %j the environments are %j', async (options, names) => {
  await add(options);
  expect(environments().map(({ name }) => name)).toEqual(names);
});

test('it has its targets, and asks a person where that is wanted', async () => {
  await add({ targets: '333333333333/eu-west-1, 444444444444/us-east-1', approval: true });
  expect(environments().at(-1)).toEqual({
    name: 'qa',
    approval: true,
    targets: [
      { account: '333333333333', region: 'eu-west-1' },
      { account: '444444444444', region: 'us-east-1' },
    ],
  });
});

test('it stands in a line of its own, as the others do', async () => {
  tree.write('.prettierrc', '{ "printWidth": 120 }');
  await add({ before: 'prod', targets: `${targets},333333333333/us-east-1` });
  expect(content()).toBe(`{
  "$schema": "./.nx/installation/node_modules/@nx-cdk/environments/environments.schema.json",
  "ci": { "account": "123456789012", "region": "eu-west-1" },
  "environments": [
    { "name": "staging", "targets": [{ "account": "111111111111", "region": "eu-west-1" }] },
    {
      "name": "qa",
      "targets": [
        { "account": "333333333333", "region": "eu-west-1" },
        { "account": "333333333333", "region": "us-east-1" }
      ]
    },
    { "name": "prod", "approval": true, "targets": [{ "account": "222222222222", "region": "eu-west-1" }] }
  ]
}
`);
});

test('a second time nothing changes', async () => {
  await add({ after: 'staging' });
  const once = content();
  await add({ after: 'staging' });
  expect(content()).toBe(once);
});

test.each<[string, Partial<EnvironmentGeneratorSchema>, RegExp]>([
  ['a neighbour that is not there', { before: 'live' }, /--before names no environment: live: there are staging, prod/],
  ['neighbours that are not', { after: 'prod', before: 'staging' }, /staging does not come right after prod/],
  ['a name that cannot be', { name: 'QA' }, /"QA", which is not lower-case letters/],
  ['other targets than it has', { name: 'prod' }, /has an environment prod with the targets 222222222222\/eu-west-1/],
  ['no target', { targets: '' }, /targets is empty/],
  ['a target that cannot be', { targets: '33/eu-west-1' }, /--targets names "33\/eu-west-1"/],
])('%s is refused in a sentence', async (_, options, sentence) => {
  await expect(add(options)).rejects.toThrow(sentence);
});

test('a workspace without the file is told how to make one', async () => {
  tree.delete('environments.json');
  await expect(add()).rejects.toThrow('nx g nx-cdk:init makes one');
});
