import { withoutAws } from './without-aws.ts';

test('whatever the shell says of AWS stays outside of the local AWS, except for its certificates', () => {
  const shell = {
    PATH: '/bin',
    AWS_PROFILE: 'company-prod',
    AWS_ACCESS_KEY_ID: 'AKIA',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_SESSION_TOKEN: 'token',
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: 'https://elsewhere.example',
    AWS_ENDPOINT_URL_S3: 'https://elsewhere.example',
    AWS_CA_BUNDLE: '/etc/ssl/company.pem',
    NODE_EXTRA_CA_CERTS: '/etc/ssl/company.pem',
    UNSET: undefined,
  };
  expect(withoutAws(shell)).toEqual({
    PATH: '/bin',
    AWS_CA_BUNDLE: '/etc/ssl/company.pem',
    NODE_EXTRA_CA_CERTS: '/etc/ssl/company.pem',
  });
});
