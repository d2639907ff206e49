import { bootstrapAdvice } from './bootstrap-advice.ts';

test.each([
  '/cdk-bootstrap/hnb659fds/version',
  'cdk-hnb659fds-assets-111111111111-eu-west-1',
  'cdk-hnb659fds-container-assets-111111111111-us-gov-west-1',
])('what CDK’s own bootstrap makes is bootstrapped: %s', (name) => {
  expect(bootstrapAdvice(name)).toBe('run nx bootstrap for it first');
});

test.each(['/cdk-bootstrap/abc123/version', 'cdk-abc123-assets-111111111111-eu-west-1'])(
  'another qualifier has to be in the environments file: %s',
  (name) => {
    expect(bootstrapAdvice(name)).toBe(
      'run nx bootstrap for it first (an environments file has to say "qualifier": "abc123")',
    );
  },
);

test.each(['/our/bootstrap/version', 'our-assets', 'cdk-hnb659fds-assets-111111111111'])(
  'nobody is sent to bootstrap for what it does not make: %s',
  (name) => {
    expect(bootstrapAdvice(name)).toMatch(/^nx bootstrap does not make it: create it/);
  },
);
