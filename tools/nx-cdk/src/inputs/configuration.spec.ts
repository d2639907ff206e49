import { missedConfiguration } from './configuration.ts';

test.each([
  ['none was given', {}, undefined, undefined],
  ['the task has it', { NX_CDK_CONFIGURATION: 'local-aws' }, 'local-aws', undefined],
  ['the task has none', { NX_CDK_CONFIGURATION: 'local-aws' }, undefined, 'local-aws'],
  ['the task has another', { NX_CDK_CONFIGURATION: 'local-aws' }, 'default', 'local-aws'],
  ['that of an outer command was forgotten', { NX_CDK_CONFIGURATION: '' }, undefined, undefined],
  [
    'the shell names the endpoint for all',
    { NX_CDK_CONFIGURATION: 'local-aws', AWS_ENDPOINT_URL: 'https://localhost' },
    undefined,
    undefined,
  ],
])('the configuration that does not reach a task, if %s', (_, environment, own, missed) => {
  expect(missedConfiguration(environment, own)).toBe(missed);
});
