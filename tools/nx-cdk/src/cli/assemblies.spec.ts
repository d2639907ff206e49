import { assembliesOf, instanceIn } from './assemblies.ts';

test('an assembly is where the synth target of its project writes it', () => {
  const node = (name: string, target: object) => ({ name, data: { root: `apps/${name}`, targets: { synth: target } } });
  const nodes = {
    shop: node('shop', { executor: 'nx-cdk:synth', outputs: ['{projectRoot}/dist/cdk', '!x'], options: {} }),
    infra: node('infra', { executor: 'nx-cdk:synth', outputs: ['{workspaceRoot}/dist/infra'] }),
    named: node('named', { executor: 'nx-cdk:synth', options: { output: '../../out' } }),
    site: node('site', { executor: 'nx:run-commands' }),
  } as never;
  expect([...assembliesOf({ nodes }, '/w')]).toEqual([
    ['infra', '/w/dist/infra'],
    ['named', '/w/out'],
    ['shop', '/w/apps/shop/dist/cdk'],
  ]);
});

describe('the assembly of an instance', () => {
  const of = { environment: 'sandbox', instance: 'pr-12' };
  const synth = { executor: 'nx-cdk:synth', outputs: ['{projectRoot}/cdk.out'], options: {} };
  const outputs = ['{projectRoot}/.instances/sandbox/{options.instance}/cdk.out'];
  const node = (name: string, targets: object) => ({ name, data: { root: `apps/${name}`, targets } });
  const nodes = {
    shop: node('shop', { 'synth-sandbox': { ...synth, outputs, options: { environment: 'sandbox' } }, synth }),
    site: node('site', { synth }),
  } as never;

  test('is in a folder of its own, for the projects that have its environment', () => {
    expect([...assembliesOf({ nodes }, '/w', of)]).toEqual([['shop', '/w/apps/shop/.instances/sandbox/pr-12/cdk.out']]);
    expect([...assembliesOf({ nodes }, '/w', { ...of, environment: 'staging' })]).toEqual([]);
  });

  test('is none of those that exist once', () => {
    expect([...assembliesOf({ nodes }, '/w')]).toEqual([
      ['shop', '/w/apps/shop/cdk.out'],
      ['site', '/w/apps/site/cdk.out'],
    ]);
  });
});

describe('an instance is named by both, its environment and its name', () => {
  test('or it is about what exists once', () => {
    expect(instanceIn({})).toBeUndefined();
    expect(instanceIn({ environment: 'sandbox', instance: 'pr-12' })).toEqual({
      environment: 'sandbox',
      instance: 'pr-12',
    });
  });

  test.each([
    [{ instance: 'pr-12' }, '--instance is given alone'],
    [{ environment: 'sandbox' }, '--environment is given alone'],
    [{ environment: 'sandbox', instance: 'pr-' }, '--instance is "pr-": lower-case letters'],
    [{ environment: 'sandbox', instance: '../../prod' }, '--instance is "../../prod"'],
  ])('given %p, it is refused', (options, words) => {
    expect(() => instanceIn(options)).toThrow(words);
  });
});
