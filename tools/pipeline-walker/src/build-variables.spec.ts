import { fillIn, lookUp, secretReference, variablesOfAction, variablesOfBuild } from './build-variables.ts';
import { parseBuildspec } from './buildspec.ts';

const namespaces = new Map<string, Record<string, string>>([
  ['variables', { TARGETS: 'all' }],
  ['Source', { CommitId: 'abc', Empty: '' }],
]);

test('references stand for what the pipeline and earlier actions made', () => {
  expect(fillIn('#{variables.TARGETS} of #{Source.CommitId}#{Source.Empty}, not ${this} or #this', namespaces)).toBe(
    'all of abc, not ${this} or #this',
  );
});

test.each(['#{variables.OTHER}', '#{Other.CommitId}'])('%s, which nothing made, is refused', (reference) => {
  expect(() => fillIn(reference, namespaces)).toThrow(
    `${reference}: no action before this one made it; there are the namespaces variables, Source`,
  );
});

test('variables of an action are JSON in its configuration; plain ones need no type', () => {
  expect(variablesOfAction(undefined)).toEqual([]);
  expect(variablesOfAction('[{"name":"A","value":"1"},{"name":"B","value":"/b","type":"PARAMETER_STORE"}]')).toEqual([
    { name: 'A', value: '1', type: 'PLAINTEXT' },
    { name: 'B', value: '/b', type: 'PARAMETER_STORE' },
  ]);
  expect(() => variablesOfAction('A=1')).toThrow(/no JSON list/);
});

test('the action wins over the project, and the project over the buildspec', async () => {
  const spec = await parseBuildspec(
    JSON.stringify({
      version: 0.2,
      env: { variables: { A: 'spec', B: 'spec', C: 'spec' }, 'secrets-manager': { D: 'd' } },
    }),
    'a test',
  );

  const variables = variablesOfBuild(
    spec,
    [
      { name: 'B', value: 'project' },
      { name: 'C', value: 'project' },
    ],
    [{ name: 'C', value: 'action', type: 'PLAINTEXT' }],
  );

  expect(variables).toEqual([
    { name: 'A', value: 'spec', type: 'PLAINTEXT' },
    { name: 'B', value: 'project', type: 'PLAINTEXT' },
    { name: 'C', value: 'action', type: 'PLAINTEXT' },
    { name: 'D', value: 'd', type: 'SECRETS_MANAGER' },
  ]);
});

test('plain values need nobody to be asked', async () => {
  const nobody = undefined as never;
  expect(await lookUp([{ name: 'A', value: '1', type: 'PLAINTEXT' }], nobody, nobody)).toEqual({ A: '1' });
});

test.each([
  ['demo', { id: 'demo', key: '', stage: '', version: '' }],
  ['demo:password', { id: 'demo', key: 'password', stage: '', version: '' }],
  ['demo::AWSPREVIOUS', { id: 'demo', key: '', stage: 'AWSPREVIOUS', version: '' }],
  [
    'arn:aws:secretsmanager:eu-west-1:111111111111:secret:demo-AbCdEf:password:AWSCURRENT:1',
    {
      id: 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:demo-AbCdEf',
      key: 'password',
      stage: 'AWSCURRENT',
      version: '1',
    },
  ],
])('the secret %s', (reference, parts) => {
  expect(secretReference(reference)).toEqual(parts);
});
