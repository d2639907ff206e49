/** As much of a CloudFormation template as a plan reads. */
export interface Template {
  readonly Resources?: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, unknown>>;
  readonly Transform?: unknown;
}

export interface TemplateResource {
  readonly Type?: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Metadata?: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: unknown;
  readonly UpdateReplacePolicy?: unknown;
}

/** Templates compared at a time: each may have a megabyte, and so may what is compared with it. */
export const COMPARED_AT_ONCE = 4;

/** A template from its text; undefined if it is no JSON object, such as the YAML that somebody deployed by hand. */
export function parseTemplate(text: string): Template | undefined {
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === 'object' && found !== null && !Array.isArray(found) ? (found as Template) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether two values of a template are written the same. */
export function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
