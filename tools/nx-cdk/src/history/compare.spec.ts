import { comparisonAsText, compareReleases, type ReleaseContent } from './index.ts';
import { digest } from './testing/two-environments.ts';

describe('a comparison', () => {
  const queue = (path: string, delay: number) => ({
    Type: 'AWS::SQS::Queue',
    Properties: { DelaySeconds: delay, Secret: 'never shown' },
    Metadata: { 'aws:cdk:path': path },
  });
  const release = (
    number: number,
    templates: Record<string, object>,
    more: Partial<ReleaseContent['manifest']> = {},
  ) => {
    const files = new Map(
      Object.entries(templates).map(([id, template]) => [`${id}.json`, Buffer.from(JSON.stringify(template))]),
    );
    const stacks = Object.fromEntries(
      Object.entries(templates).map(([id, template]) => [
        id,
        { template: `${id}.json`, sha256: JSON.stringify(template) },
      ]),
    );
    const manifest = {
      format: 1,
      digest: digest(number),
      tools: {},
      manifests: {},
      stacks,
      assets: [],
      ...more,
    } as const;
    return { manifest, files };
  };

  test('shows stacks, resources by their paths, assets and versions, and no values', () => {
    const from = release(
      1,
      {
        Data: { Resources: { Old: queue('Data/Old', 1), Kept: queue('Data/Kept', 1), Same: queue('Data/Same', 1) } },
        Gone: { Resources: { A: { Type: 'AWS::SNS::Topic' } } },
        Same: { Resources: {} },
      },
      {
        tools: { 'aws-cdk-lib': '2.275.0', node: '24' },
        assets: [
          { id: 'aaa', kind: 'file', path: 'asset.aaa', sha256: '1' },
          { id: 'tpl', kind: 'file', path: 'Data.json', sha256: '1' },
        ],
        manifests: { 'manifest.json': '1' },
      },
    );
    const to = release(
      2,
      {
        Data: {
          Resources: { Kept: queue('Data/Kept', 2), New: queue('Data/New', 1), Same: queue('Data/Same', 1) },
          Outputs: { Url: { Value: 'x' } },
        },
        Same: { Resources: {} },
      },
      {
        tools: { 'aws-cdk-lib': '2.276.0', node: '24' },
        assets: [{ id: 'bbb', kind: 'file', path: 'asset.bbb', sha256: '2' }],
        manifests: { 'manifest.json': '2' },
      },
    );
    const text = comparisonAsText(compareReleases(from, to));
    expect(text.split('\n')).toEqual([
      'From release 000000000001 to 000000000002: 2 stacks differ.',
      '~ Data: 1 added, 1 removed, 1 modified; Outputs',
      '    ~ Data/Kept (AWS::SQS::Queue, Kept)',
      '    + Data/New (AWS::SQS::Queue, New)',
      '    - Data/Old (AWS::SQS::Queue, Old)',
      '- Gone: 1 removed',
      '    - A (AWS::SNS::Topic)',
      'Assets (files): 1 added, 1 removed',
      'Tools:',
      '  aws-cdk-lib: 2.275.0 -> 2.276.0',
      'Manifests, which say tags, roles and where assets go:',
      '  ~ manifest.json',
    ]);
    expect(text).not.toContain('never shown');
  });

  test('of a release with itself shows nothing, and of what is no template no resource', () => {
    const one = release(1, { Data: { Resources: {} } });
    expect(comparisonAsText(compareReleases(one, one))).toBe('Both are release 000000000001.');
    const other = release(2, { Data: { Resources: [] } });
    other.files.set('Data.json', Buffer.from('a: yaml'));
    expect(compareReleases(one, other).stacks).toEqual([
      { id: 'Data', change: 'modified', resources: [], sections: [] },
    ]);
  });
});
