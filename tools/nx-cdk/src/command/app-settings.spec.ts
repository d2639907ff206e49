import type { Assembly } from '../assembly/index.ts';
import type { ProgressEvent } from '../progress/index.ts';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { profileOf, tellIgnoredSettings, withStatedTags } from './app-settings.ts';

let workspace: TemporaryWorkspace;
beforeEach(() => (workspace = temporaryWorkspace()));
afterEach(() => workspace.dispose());

const shop = () => workspace.path('apps/shop');
const configured = (config: object) => workspace.write('apps/shop/cdk.json', config);

test('tags of cdk.json take the place of those of each stack, as with the CDK CLI', () => {
  const assembly = { stacks: [{ id: 'Data', tags: { own: 'x' } }, { id: 'Api' }] } as unknown as Assembly;
  expect(withStatedTags(assembly, shop())).toBe(assembly);
  configured({ tags: [{ Key: 'team', Value: 'orders' }] });
  const tags = { team: 'orders' };
  expect(withStatedTags(assembly, shop()).stacks).toEqual([
    { id: 'Data', tags },
    { id: 'Api', tags },
  ]);
});

test.each([
  ['nothing else is named', {}, 'other'],
  ['the environment has keys', { AWS_ACCESS_KEY_ID: 'AKIA' }, undefined],
  ['the environment names a profile', { AWS_PROFILE: 'mine' }, undefined],
  ['a CI has a token', { AWS_WEB_IDENTITY_TOKEN_FILE: '/token' }, undefined],
  ['another endpoint than AWS is named', { AWS_ENDPOINT_URL: 'https://localhost' }, undefined],
])('the profile of cdk.json where %s', (_, environment, expected) => {
  configured({ profile: 'other' });
  expect(profileOf(shop(), environment)).toBe(expected);
});

test('settings without a meaning are told once, and again if they differ', () => {
  const told: string[] = [];
  const listener = (event: ProgressEvent) => void (event.type === 'message' && told.push(event.text));
  // The real folder is a link to packages that are not ours to write to.
  const tell = () => tellIgnoredSettings(shop(), workspace.path('apps'), listener);
  configured({ app: 'x', watch: {} });
  tell();
  tell();
  expect(told).toEqual([
    'shop/cdk.json: nothing follows from "watch" (there is no mode that watches files). This is said once.',
  ]);
  configured({ app: 'x', watch: {}, hotswap: true });
  tell();
  expect(told).toHaveLength(2);
  configured({ app: 'x' });
  tell();
  expect(told).toHaveLength(2);
});
