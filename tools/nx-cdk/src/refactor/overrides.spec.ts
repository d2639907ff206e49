import { readOverrides } from './index.ts';

const file = (content: unknown) => () => readOverrides(JSON.stringify(content), 'moves.json');
const place = { account: '111111111111', region: 'eu-west-1' };

test('a file of the CDK CLI is read as it is', () => {
  const environments = [{ ...place, resources: { 'Old.A': 'New.B' } }];
  expect(readOverrides(JSON.stringify({ environments }), 'moves.json')).toEqual(environments);
});

test.each<[string, () => unknown]>([
  ['no JSON', () => readOverrides('{', 'moves.json')],
  ['null', file(null)],
  ['no list', file({ resources: {} })],
  ['a place without a region', file({ environments: [{ account: '1', resources: {} }] })],
  ['no resources', file({ environments: [place] })],
  ['a place that is no text', file({ environments: [{ ...place, resources: { A: 1 } }] })],
  ['one place for two', file({ environments: [{ ...place, resources: { 'A.A': 'C.C', 'B.B': 'C.C' } }] })],
])('%s is refused, with the file and what to write', (_, read) => {
  expect(read).toThrow(expect.objectContaining({ code: 'BadOption', message: expect.stringMatching(/^moves\.json /) }));
});
