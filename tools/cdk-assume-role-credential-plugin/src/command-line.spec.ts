import { readCommandLine } from './command-line.ts';

const cdk = (...args: string[]) => readCommandLine(['/bin/node', '/shop/node_modules/.bin/cdk', ...args]);

describe('the command line of the CDK CLI', () => {
  test.each([
    ['-c a=1 --context b=2 --context=c=3', { a: '1', b: '2', c: '3' }],
    ['-c query=x=1,y=2', { query: 'x=1,y=2' }],
    ['-c nonsense --context', {}],
    ['', {}],
  ])('"%s" gives context', (args, context) => {
    expect(cdk('synth', ...args.split(' ')).context).toEqual(context);
  });

  test('names a profile, or none', () => {
    expect(cdk('--profile', 'dev', 'synth').profile).toBe('dev');
    expect(cdk('synth', '--profile=dev')).toMatchObject({ profile: 'dev' });
    expect(cdk('synth')).not.toHaveProperty('profile');
  });

  test.each([
    [['deploy', 'Data'], true],
    [['--plugin', 'x', '-c', 'a=b', 'destroy'], true],
    [['bootstrap', 'aws://111111111111/eu-west-1'], true],
    [['synth'], false],
    [['diff'], false],
    [['synth', 'deploy'], false],
    [[], false],
  ])('%j writes: %s', (args, writes) => {
    expect(cdk(...args).writes).toBe(writes);
  });
});

test('a word of another program is no command of the CDK', () => {
  expect(readCommandLine(['node', '/node_modules/.bin/nx', 'deploy', 'infra']).writes).toBe(false);
});
