import type { RuleDeclaration, StageDeclaration } from '@aws-sdk/client-codepipeline';
import { refusedEntry } from './stage-entry.ts';
import type { Walk } from './walk.ts';

const rule = (configuration: Record<string, string>, provider = 'VariableCheck'): RuleDeclaration => ({
  name: 'Check',
  ruleTypeId: { category: 'Rule', owner: 'AWS', provider, version: '1' },
  configuration,
});
const stage = (...rules: RuleDeclaration[]): StageDeclaration => ({
  name: 'Prod',
  actions: [],
  beforeEntry: { conditions: [{ result: 'FAIL', rules }] },
});
const given = () => ({
  namespaces: new Map([['Made', { COUNT: '12' }]]),
  notes: new Set<string>(),
});
const enter = (...rules: RuleDeclaration[]) => refusedEntry(given() as unknown as Walk, stage(...rules));
const check = (Operator: string, Value: string, Variable = '#{Made.COUNT}') => rule({ Operator, Value, Variable });

test.each([
  ['EQ', '12', '1'],
  ['NE', '1', '12'],
  ['CONTAINS', '2', '3'],
  // As in Java, the whole value has to match.
  ['MATCHES', '[0-9]+', '[0-9]'],
  ['MATCHES', '^(a|12)$', '^(a|1)'],
])('a stage is entered if %s %s holds, and not if %s does not', (operator, holds, does) => {
  expect(enter(check(operator, holds))).toBeUndefined();
  expect(enter(check(operator, holds), check(operator, does))).toMatchObject({
    stage: 'Prod',
    action: 'Check',
    outcome: 'failed',
    message: `#{Made.COUNT} is "12", and the stage is entered only if it is ${operator} ${does}.`,
  });
});

test.each([
  ['an operator that there is not', check('LIKE', '12'), 'it has the operator LIKE, which there is not.'],
  ['a variable that nobody made', check('EQ', '12', '#{Made.SIZE}'), 'no action before this one made it'],
])('%s is told', (_, wrong, words) => {
  expect(enter(wrong)).toMatchObject({ outcome: 'failed', message: expect.stringContaining(words) });
});

test('a rule that asks another service is noted, and does not hold anything up', () => {
  const walk = given();
  expect(refusedEntry(walk as unknown as Walk, stage(rule({}, 'DeploymentWindow')))).toBeUndefined();
  expect([...walk.notes]).toEqual(['Prod: the rule Check of the provider DeploymentWindow was not rehearsed']);
});

test('a stage without conditions is entered', () => {
  expect(refusedEntry(given() as unknown as Walk, { name: 'Prod', actions: [] })).toBeUndefined();
});
