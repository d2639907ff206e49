import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { Failure } from '../failure/index.ts';

/** A parameter as the template declares it. */
export interface TemplateParameter {
  readonly default?: string;
  /** Its value is a secret: it must reach CloudFormation and nothing else. */
  readonly noEcho: boolean;
  /** Its value is read from SSM by CloudFormation, and may be another one each time. */
  readonly fromSsm: boolean;
}

/** What a run keeps of a template: not the text, since a thousand of them would not fit into memory. */
export interface TemplateSummary {
  /** SHA-256 of the bytes, as hex. */
  readonly digest: string;
  readonly bytes: number;
  readonly parameters: ReadonlyMap<string, TemplateParameter>;
  /** Resource type by logical id. */
  readonly resources: ReadonlyMap<string, string>;
}

/**
 * The CDK CLI redeploys a stack with SSM parameters every time, except parameters with this mark in their
 * description, such as the bootstrap version (`SSMPARAM_NO_INVALIDATE` in `@aws-cdk/cloud-assembly-api`).
 */
const MAY_BE_SKIPPED = '[cdk:skip]';

type DeclaredParameter = Partial<Record<'Type' | 'Default' | 'NoEcho' | 'Description', unknown>>;

/** Reads a template of the assembly. @throws Failure `BrokenAssembly` if the file is missing or no JSON */
export async function summarizeTemplate(stackId: string, file: string): Promise<TemplateSummary> {
  const text = await readTemplate(stackId, file);
  let template: {
    Parameters?: Record<string, DeclaredParameter>;
    Resources?: Record<string, { Type?: unknown }>;
  } | null;
  try {
    template = JSON.parse(text);
  } catch (cause) {
    throw brokenTemplate(stackId, file, 'is no JSON', cause);
  }
  const parameters = Object.entries(template?.Parameters ?? {}).map(([name, declared]) => {
    const { Type, Default, NoEcho, Description = '' } = declared;
    const parameter: TemplateParameter = {
      default: Default === undefined ? undefined : String(Default),
      noEcho: NoEcho === true || NoEcho === 'true',
      fromSsm: String(Type).startsWith('AWS::SSM::Parameter::') && !String(Description).includes(MAY_BE_SKIPPED),
    };
    return [name, parameter] as const;
  });
  const resources = Object.entries(template?.Resources ?? {}).map(([id, { Type }]) => [id, String(Type)] as const);
  return {
    digest: hash('sha256', text),
    bytes: Buffer.byteLength(text),
    parameters: new Map(parameters),
    resources: new Map(resources),
  };
}

/** The text of a template of the assembly. @throws Failure `BrokenAssembly` if it cannot be read */
export async function readTemplate(stackId: string, file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw brokenTemplate(stackId, file, 'cannot be read', cause);
  });
}

/**
 * Whether two templates are the same, but for the layout and the order of keys of JSON. CloudFormation returns
 * characters beyond ASCII as `?` (https://github.com/aws/aws-cdk/issues/5853), which is no difference.
 */
export function sameTemplate(ours: string, deployed: string): boolean {
  if (ours === deployed) return true;
  try {
    const found: unknown = JSON.parse(deployed);
    const text = JSON.stringify(JSON.parse(ours));
    // One `?` for each character, or for each half of one that takes two.
    const asReturned = [text, text.replace(/[^\0-\x7f]/gu, '?'), text.replace(/[^\0-\x7f]/g, '?')];
    return asReturned.some((wanted) => isDeepStrictEqual(JSON.parse(wanted), found));
  } catch {
    // Not JSON: somebody deployed YAML by hand. It may say the same, and a change set will find out.
    return false;
  }
}

function brokenTemplate(subject: string, file: string, problem: string, cause: unknown): Failure {
  const parts = { subject, what: `its template ${file} ${problem}`, next: 'synthesize the app again' };
  return new Failure('BrokenAssembly', parts, { cause });
}
