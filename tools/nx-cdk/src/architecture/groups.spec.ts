import { groupsOf, kindName, shortName, tellingFirst, tellingLinks } from './groups.ts';
import type { Link } from './model.ts';
import { syntheticArchitecture } from './testing/synthetic-architecture.ts';

const link = (from: string, to: string, imports: string[] = []): Link => ({ from, to, imports, across: [] });
const pairs = (links: readonly Link[]) => links.map(({ from, to }) => `${from}>${to}`);

test('stacks are grouped by environment and target, in their order', () => {
  const groups = groupsOf(syntheticArchitecture(2));
  expect(groups.map(({ environment }) => environment)).toEqual(['dev', 'staging']);
  expect(groups[1]!.targets.map(({ target, stacks }) => [target, stacks.length])).toEqual([
    ['222222222222/eu-west-1', 8],
    ['222222222222/us-east-1', 1],
    ['999999999999/eu-west-1', 1],
  ]);
});

test('a link that follows from others is left out, unless a value goes that way', () => {
  const links = [link('c', 'b'), link('b', 'a'), link('c', 'a'), link('d', 'c'), link('d', 'a', ['Export'])];
  expect(pairs(tellingLinks(links))).toEqual(['c>b', 'b>a', 'd>c', 'd>a']);
});

test('in a circle no link is left out', () => {
  const links = [link('a', 'b'), link('b', 'c'), link('c', 'a')];
  expect(tellingLinks(links)).toEqual(links);
});

test('names leave out what is said already', () => {
  const there = { environment: 'staging', account: '111111111111', region: 'eu-west-1' };
  expect(shortName({ ...there, id: 'staging/canary/Data' })).toBe('canary/Data');
  expect(shortName({ ...there, id: 'staging/Data-111111111111-eu-west-1' })).toBe('Data');
  expect(shortName({ ...there, id: 'staging/Data-222222222222-eu-west-1' })).toBe('Data-222222222222-eu-west-1');
  expect(shortName({ ...there, id: 'Data' })).toBe('Data');
  expect(kindName('AWS::SQS::Queue')).toBe('SQS Queue');
  expect(kindName('Custom::Site')).toBe('Custom Site');
  expect(kindName('AWS::')).toBe('AWS ');
});

test('what serves other resources comes last', () => {
  const kinds = ['AWS::IAM::Role', 'AWS::Lambda::Permission', 'AWS::SQS::QueuePolicy', 'AWS::SQS::Queue'];
  const [first] = tellingFirst(kinds.map((type) => ({ type, count: 1 })));
  expect(first!.type).toBe('AWS::SQS::Queue');
});
