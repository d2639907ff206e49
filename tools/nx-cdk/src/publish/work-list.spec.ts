import type { FileAsset, ImageAsset } from '../assembly/index.ts';
import type { FileDestination, ImageDestination } from '../destinations/index.ts';
import { workList } from './work-list.ts';

describe('the work list', () => {
  test('has each source once and each object once, with every stack that needs it', () => {
    // given two stacks of one account and one of another that share a handler
    const template = { fingerprint: 'template', path: '/a/Api.template.json', packaging: 'file' } as const;
    const files = [
      file('staging/h.zip', { stacks: ['staging/Api'] }),
      file('staging/h.zip', { stacks: ['staging/Jobs', 'staging/Api'] }),
      file('prod/h.zip', { stacks: ['prod/Api'] }),
      file('staging/t.json', { source: template }),
    ];

    // when
    const work = workList(files);

    // then
    expect(
      work.map(({ asset, claims }) => [asset.source.fingerprint, claims.map((each) => each.destination.id)]),
    ).toEqual([
      ['handler', ['staging/h.zip', 'prod/h.zip']],
      ['template', ['staging/t.json']],
    ]);
    expect(work[0]!.claims[0]!.stacks).toEqual(['staging/Api', 'staging/Jobs']);
    expect(work.flatMap(({ claims }) => claims.flatMap(({ rivals }) => rivals))).toEqual([]);
  });

  test('names the objects that two sources claim', () => {
    const other = { fingerprint: 'other', path: '/b/handler', packaging: 'zip' } as const;
    const work = workList([file('h.zip'), file('h.zip', { source: other })]);
    expect(work.flatMap(({ claims }) => claims)).toHaveLength(1);
    expect(work[0]!.asset.source.fingerprint).toBe('handler');
    expect(work[0]!.claims[0]!.rivals.map(({ source }) => source.fingerprint)).toEqual(['other']);
  });

  test('does the same for images', () => {
    const images = [image('repository:tag', 'one'), image('repository:tag', 'other'), image('elsewhere:tag', 'one')];
    const work = workList(images);
    expect(work.map(({ claims }) => claims.map(({ destination, rivals }) => [destination.id, rivals.length]))).toEqual([
      [
        ['repository:tag', 1],
        ['elsewhere:tag', 0],
      ],
    ]);
  });
});

function file(id: string, fields: Partial<FileAsset> = {}): FileDestination {
  const source = { fingerprint: 'handler', path: '/a/asset.abc', packaging: 'zip' };
  return { id, kind: 'file', asset: { stacks: ['staging/Api'], source, ...fields } } as FileDestination;
}

function image(id: string, fingerprint: string): ImageDestination {
  return {
    id,
    kind: 'image',
    asset: { stacks: ['Api'], source: { fingerprint } } as unknown as ImageAsset,
  } as ImageDestination;
}
