import { type ActionReport, sentenceOf, summaryOf, tableOf } from './report.ts';

const passed: ActionReport = {
  stage: 'Build',
  action: 'Synth',
  provider: 'CodeBuild',
  role: 'demo-synth',
  seconds: 61.24,
  outcome: 'passed',
};
const failed: ActionReport = {
  stage: 'Prod',
  action: 'Deploy',
  provider: 'CodeBuild',
  role: 'demo-deploy',
  seconds: 3,
  outcome: 'failed',
  message: 'the command "x" of the phase build ended with exit code 1.',
  denied: { action: 'sts:AssumeRole', resource: 'arn:aws:iam::222222222222:role/deploy', role: 'demo-deploy' },
};
const notRun: ActionReport = {
  stage: 'Prod',
  action: 'Record',
  provider: 'CodeBuild',
  role: '',
  seconds: 0,
  outcome: 'not run',
};

test('the table has a line an action, with the role and what it lacks, and notes below', () => {
  expect(tableOf([passed, failed, notRun], ['Build/Synth: no cache'])).toBe(
    [
      'stage  action  role         seconds  result',
      '─────  ──────  ───────────  ───────  ──────────────────────────────',
      'Build  Synth   demo-synth      61.2  passed',
      'Prod   Deploy  demo-deploy      3.0  failed: may not sts:AssumeRole',
      'Prod   Record                        not run',
      'note: Build/Synth: no cache',
    ].join('\n'),
  );
});

test('the sentence names stage, action, role, what was refused, and the next step', () => {
  expect(sentenceOf(failed)).toBe(
    'The pipeline fails at the action Deploy of the stage Prod, role demo-deploy: the command "x" of the phase build ended with exit code 1. ' +
      'Allow sts:AssumeRole on arn:aws:iam::222222222222:role/deploy to demo-deploy, and rehearse again.',
  );
  expect(sentenceOf({ ...failed, role: '', denied: undefined, message: 'it was not approved.' })).toBe(
    'The pipeline fails at the action Deploy of the stage Prod: it was not approved.',
  );
});

test('the summary counts', () => {
  expect(summaryOf([passed, failed, notRun, notRun])).toBe('4 actions: 1 passed, 1 failed, 2 not run');
  expect(summaryOf([passed])).toBe('1 action: 1 passed');
});
