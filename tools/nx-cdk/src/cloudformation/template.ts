import { createHash } from 'node:crypto';
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

/** What a run keeps of a template; the text itself is not kept, a thousand of them would not fit. */
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

/**
 * Reads a template of the assembly.
 *
 * @throws Failure `BrokenAssembly` if the file is missing or no JSON.
 */
export async function summarizeTemplate(stackId: string, file: string): Promise<TemplateSummary> {
  const text = await readTemplate(stackId, file);
  const template = parse(stackId, file, text);
  const parameters = Object.entries(section(template, 'Parameters')).map(([name, declared]) => {
    const { Type, Default, NoEcho, Description } = declared as Record<string, unknown>;
    const parameter: TemplateParameter = {
      default: Default === undefined ? undefined : String(Default),
      noEcho: NoEcho === true || NoEcho === 'true',
      fromSsm: String(Type).startsWith('AWS::SSM::Parameter::') && !String(Description ?? '').includes(MAY_BE_SKIPPED),
    };
    return [name, parameter] as const;
  });
  const resources = Object.entries(section(template, 'Resources')).map(
    ([id, resource]) => [id, String((resource as { Type?: unknown }).Type)] as const,
  );
  return {
    digest: createHash('sha256').update(text).digest('hex'),
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
 * Whether two templates say the same. The text is compared first; JSON that differs in layout or in the order of keys
 * only is the same too. CloudFormation returns characters beyond ASCII as `?`
 * (https://github.com/aws/aws-cdk/issues/5853), which must not count as a difference.
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

function parse(stackId: string, file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw brokenTemplate(stackId, file, 'is no JSON', cause);
  }
}

function brokenTemplate(subject: string, file: string, problem: string, cause: unknown): Failure {
  const parts = { subject, what: `its template ${file} ${problem}`, next: 'synthesize the app again' };
  return new Failure('BrokenAssembly', parts, { cause });
}

function section(template: unknown, name: string): Record<string, unknown> {
  const found = (template as Record<string, unknown> | null)?.[name];
  return found && typeof found === 'object' ? (found as Record<string, unknown>) : {};
}
