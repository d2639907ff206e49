import type { PipelineDeclaration } from '@aws-sdk/client-codepipeline';
import { describeChange, runGroups, stagesAfter } from './definition.ts';

const stage = (name: string, ...orders: number[]) => ({
  name,
  actions: orders.map((runOrder, index) => ({ name: `${name}${index}`, runOrder, actionTypeId: undefined })),
});
const pipeline = (...stages: object[]): PipelineDeclaration =>
  ({ name: 'demo', roleArn: 'role', version: 1, stages }) as unknown as PipelineDeclaration;
const names = (stages: readonly { name?: string }[]) => stages.map(({ name }) => name);

const before = pipeline(stage('Source', 1), stage('Build', 1), stage('Prod', 1));

test('a further version with the same content is no change', () => {
  expect(describeChange(before, { ...structuredClone(before), version: 2 })).toBeUndefined();
});

test.each([
  ['a stage is added', pipeline(...before.stages!, stage('Extra', 1)), 'added Extra'],
  ['a stage is removed', pipeline(...before.stages!.slice(0, 2)), 'removed Prod'],
  ['a stage is renamed', pipeline(...before.stages!.slice(0, 2), stage('Live', 1)), 'added Live, removed Prod'],
  ['a stage has another action', pipeline(...before.stages!.slice(0, 2), stage('Prod', 1, 2)), 'changed Prod'],
  ['the order is another', pipeline(...before.stages!.toReversed()), 'its stages have another order'],
  ['something besides the stages differs', { ...before, roleArn: 'other' }, 'changed settings'],
])('%s', (_, after, text) => {
  expect(describeChange(before, after)).toBe(text);
});

test('the walk goes on behind the stages that are done, although some of them are gone', () => {
  expect(names(stagesAfter(before, []))).toEqual(['Source', 'Build', 'Prod']);
  expect(names(stagesAfter(before, ['Source', 'Build']))).toEqual(['Prod']);
  expect(
    names(stagesAfter(pipeline(stage('Source', 1), stage('New', 1), stage('Prod', 1)), ['Source', 'Build'])),
  ).toEqual(['New', 'Prod']);
});

test('actions run in the order of their number, those of the same one together', () => {
  const { actions } = stage('Prod', 2, 1, 10, 2);
  const groups = runGroups({ name: 'Prod', actions: actions as never });

  expect(groups.map(names)).toEqual([['Prod1'], ['Prod0', 'Prod3'], ['Prod2']]);
});
