import type { AssemblyStack, FileAsset, ImageAsset } from '../assembly/index.ts';
import { FUNCTION, parseTemplate } from './resources.ts';
import { publicationsOf } from './versions.ts';

/** A Lambda function of a stack whose code is an asset of the assembly. */
export interface SwappableFunction {
  readonly logicalId: string;
  readonly code: FileAsset | ImageAsset;
  /** The logical ids of its version and its aliases, if it has a version. */
  readonly published?: { readonly version: string; readonly aliases: readonly string[] };
}

/** The functions of a stack whose code can be swapped: it is an asset of the stack. */
export function functionsOf({ files, images }: AssemblyStack, template: string): SwappableFunction[] {
  const parsed = parseTemplate(template);
  const publications = publicationsOf(parsed);
  return Object.entries(parsed.Resources ?? {}).flatMap(([logicalId, { Type, Properties }]) => {
    const published = publications.get(logicalId);
    if (Type !== FUNCTION || published === 'left') return [];
    const { S3Key: key, ImageUri: image } = (Properties?.['Code'] ?? {}) as { S3Key?: unknown; ImageUri?: unknown };
    const code =
      files.find((asset) => typeof key === 'string' && asset.key === key && asset.source.executable === undefined) ??
      images.find(({ tag }) => image !== undefined && nameOfImage(image).endsWith(`:${tag}`));
    return code === undefined ? [] : [{ logicalId, code, ...(published && { published }) }];
  });
}

function nameOfImage(uri: unknown): string {
  const text = (uri as { readonly 'Fn::Sub'?: unknown })['Fn::Sub'] ?? uri;
  return typeof text === 'string' ? text : '';
}
