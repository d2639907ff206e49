import type { CdkJson } from './cdk-json.ts';
import { ignoredSettings, tagsOf } from './settings.ts';

describe('the tags of a cdk.json', () => {
  test('are those of every stack', () => {
    const tags = [
      { Key: 'team', Value: 'orders' },
      { Key: 'cost', Value: '' },
    ];
    expect(tagsOf({ tags }, '/shop')).toEqual({ team: 'orders', cost: '' });
  });

  test('state nothing if there are none', () => {
    expect(tagsOf({}, '/shop')).toBeUndefined();
    expect(tagsOf({ tags: [] }, '/shop')).toBeUndefined();
  });

  test.each([[{ team: 'orders' }], [[{ Key: 'team' }]], ['team=orders'], [[null]]])('are refused as %j', (tags) => {
    expect(() => tagsOf({ tags } as unknown as CdkJson, '/shop')).toThrow(
      expect.objectContaining({ code: 'CdkJson', message: expect.stringContaining('/shop/cdk.json is not a list') }),
    );
  });
});

test('a setting that means nothing is named with the reason, and no other key is', () => {
  const config = { $schema: 'x', app: 'node app.js', build: 'tsc', watch: {}, hotswap: true, requireApproval: 'never' };
  expect(ignoredSettings(config as CdkJson)).toEqual([
    '"watch" (there is no mode that watches files)',
    '"hotswap" (every change goes through CloudFormation)',
  ]);
});
