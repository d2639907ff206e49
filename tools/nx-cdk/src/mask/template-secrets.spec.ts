import { templateSecrets } from './template-secrets.ts';

test('the secrets of a template are its NoEcho defaults and the texts that are called secrets', () => {
  const template = {
    Parameters: {
      Pin: { Type: 'String', NoEcho: true, Default: 'default-of-pin' },
      Echo: { Type: 'String', NoEcho: 'true', Default: 'default-of-echo' },
      Size: { Type: 'String', Default: 'small' },
    },
    Resources: {
      Function: {
        Properties: {
          Environment: { Variables: { API_TOKEN: 'token-1', LEVEL: 'debug', DB_PASSWORD: { Ref: 'Pin' } } },
        },
      },
      Task: {
        Properties: {
          Containers: [
            {
              Environment: [
                { Name: 'SECRET', Value: 'secret-2' },
                { Name: 'LEVEL', Value: 'info' },
              ],
            },
          ],
        },
      },
      Database: { Properties: { MasterUserPassword: 'password-3' } },
    },
  };
  expect(templateSecrets(template)).toEqual(['default-of-pin', 'default-of-echo', 'token-1', 'secret-2', 'password-3']);
});

test.each([[undefined], [null], ['text'], [{ Parameters: [], Resources: null }]])('%j has none', (template) => {
  expect(templateSecrets(template)).toEqual([]);
});
