import { afterBoth, compareOutputs, describeOutputs } from './output-changes.ts';

test('outputs that were added, changed and removed are named, in their order', () => {
  const changes = compareOutputs({ Gone: '1', Kept: '2', Url: 'a' }, { Url: 'b', Kept: '2', New: '3', Arn: '4' });
  expect(changes).toEqual({ added: ['Arn', 'New'], changed: ['Url'], removed: ['Gone'] });
  expect(describeOutputs(changes)).toBe('2 outputs added, 1 output changed, 1 output removed');
});

test('the same outputs in another order are no change', () => {
  const changes = compareOutputs({ A: '1', B: '2' }, { B: '2', A: '1' });
  expect(changes).toBeUndefined();
  expect(describeOutputs(changes)).toBe('');
});

test('outputs called like what every object has are outputs', () => {
  const named = JSON.parse('{"__proto__":"1","constructor":"2"}') as Record<string, string>;
  expect(compareOutputs({}, named)).toEqual({ added: ['__proto__', 'constructor'], changed: [], removed: [] });
});

test('what the second step takes away, the first one has not changed', () => {
  const first = { added: ['New'], changed: ['Export', 'Url'], removed: ['Old'] };
  const second = { added: [], changed: [], removed: ['Export'] };
  expect(afterBoth(first, second)).toEqual({ added: ['New'], changed: ['Url'], removed: ['Export', 'Old'] });
  expect(afterBoth(undefined, second)).toBe(second);
});
