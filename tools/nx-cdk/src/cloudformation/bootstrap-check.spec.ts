import type { AwsClients } from '../aws/index.ts';
import { BootstrapCheck } from './bootstrap-check.ts';
import type { ResolvedStack } from './resolved-stack.ts';

const STACK = {
  stack: { id: 'dev/Api', bootstrap: { parameter: '/cdk-bootstrap/hnb659fds/version', version: 6 } },
  sessionKey: 'one',
  targetName: '111111111111/eu-west-1',
  resolve: (text: string) => text,
} as unknown as ResolvedStack;

/** A check that is answered with one version, or one error, after the other. */
function answered(...answers: (string | Error)[]) {
  const send = async () => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return { Parameter: { Value: answer } };
  };
  return { check: new BootstrapCheck({ ssm: async () => ({ send }) } as unknown as AwsClients), answers };
}

test('asks once for what does, however many runs there are', async () => {
  const { check, answers } = answered('21', 'never asked');
  await check.verify(STACK);
  await check.verify(STACK);
  expect(answers).toEqual(['never asked']);
});

test.each<[string, string | Error, object]>([
  ['too old', '5', { code: 'BootstrapTooOld' }],
  ['missing', Object.assign(Error('x'), { name: 'ParameterNotFound' }), { code: 'NotBootstrapped' }],
  ['not to be read now', Object.assign(Error('x'), { name: 'TimeoutError' }), { name: 'TimeoutError' }],
])('a bootstrap that was %s is looked at again', async (_, first, refusal) => {
  const { check } = answered(first, '21');
  await expect(check.verify(STACK)).rejects.toMatchObject(refusal);
  await check.verify(STACK);
});
