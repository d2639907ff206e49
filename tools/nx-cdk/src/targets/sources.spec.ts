import { isSource } from './sources.ts';

test.each([
  ['a package', 'node_modules/x/cdk.json'],
  ['an assembly', 'apps/shop/cdk.out/asset.1/cdk.json'],
  ['a build', 'dist/apps/shop/cdk.json'],
  ['a build of SAM', 'services/api/.aws-sam/build/cdk.json'],
  ['a package of Python', 'apps/shop/.venv/lib/python3.13/site-packages/x/go.mod'],
  ['what cargo made', 'services/quote/target/package/quote-0.1.0/Cargo.toml'],
  ['what a generator writes', 'tools/make/src/generators/app/files/cdk.json'],
  ['what a schematic writes', 'tools/make/src/schematics/app/files/infra/cdk.json'],
  ['a folder with a place to fill in', 'templates/__name__/cdk.json'],
  ['a cookie cutter', 'cookies/{{cookiecutter.name}}/cdk.json'],
])('%s is nobody’s project: %s', (_, file) => {
  expect(isSource(file)).toBe(false);
});

test.each(['cdk.json', 'apps/shop/cdk.json', 'templates/shop/cdk.json', 'apps/target-groups/cdk.json'])(
  '%s is a project',
  (file) => {
    expect(isSource(file)).toBe(true);
  },
);
