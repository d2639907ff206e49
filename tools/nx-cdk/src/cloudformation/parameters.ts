import type { Parameter } from '@aws-sdk/client-cloudformation';
import type { AssemblyStack } from '../assembly/index.ts';
import { Failure } from '../failure/index.ts';
import { registerSecret } from '../progress/index.ts';
import { defaultsOf, type StackTemplate } from './template.ts';

/**
 * The parameters of the command line, by stack. `Key=Value` goes to every stack whose template has such a parameter;
 * `Stack:Key=Value` to the stack of that name or id, which has to have it.
 */
export class GivenParameters {
  readonly #given: readonly ReturnType<typeof parse>[];
  readonly #used = new Set<string>();

  /** @throws Failure `BadParameter` for something that is neither form, or a scope that is no stack. */
  constructor(texts: readonly string[], stacks: readonly AssemblyStack[]) {
    this.#given = texts.map(parse);
    const scopes = new Set(stacks.flatMap((stack) => [stack.id, stack.stackName]));
    const stray = this.#given.find(({ scope }) => scope !== undefined && !scopes.has(scope));
    if (stray) {
      throw new Failure('BadParameter', {
        what: `Parameter "${stray.key}" is for stack "${stray.scope}", which the assembly does not have`,
        next: 'use a stack name or id',
      });
    }
  }

  /**
   * Values for one stack: those of the assembly, overridden by those of the command line. Values of NoEcho parameters
   * are masked in all output from now on.
   *
   * @throws Failure `BadParameter` if its template does not declare one that is for this stack
   */
  forStack(stack: AssemblyStack, template: StackTemplate): Map<string, string> {
    const values = new Map(Object.entries(stack.parameters));
    const general = this.#given.filter(({ scope, key }) => scope === undefined && template.parameters.has(key));
    const own = this.#given.filter(({ scope }) => scope === stack.id || scope === stack.stackName);
    for (const { key, value } of [...general, ...own]) {
      values.set(key, value);
      this.#used.add(key);
    }
    for (const [key, value] of values) if (template.parameters.get(key)?.noEcho) registerSecret(value);
    const unknown = own.find(({ key }) => !template.parameters.has(key));
    if (unknown === undefined) return values;
    throw new Failure('BadParameter', {
      subject: stack.id,
      what: `its template has no parameter "${unknown.key}"`,
      next: `it declares ${[...template.parameters.keys()].join(', ') || 'none'}`,
    });
  }

  /** Keys that no stack so far has asked for: mistyped, most likely. */
  unused(): string[] {
    return this.#given.map(({ key }) => key).filter((key) => !this.#used.has(key));
  }
}

/**
 * The parameters that nobody gave a value and whose default is another one by now: they have the value that was the
 * default of the deployed template. Who gave exactly that value has to give it again. The CDK CLI keeps deployed values
 * whatever the defaults say (`ParameterValues` in toolkit-lib's `api/deployments/cfn-api.ts`). A secret value cannot be
 * read, so it stays. The value of a parameter of SSM is the name in SSM.
 *
 * @param values the parameters that the stack has
 * @param deployedTemplate asked for only if a value differs from its default
 */
export async function parametersWithNewDefault(
  template: StackTemplate,
  given: ReadonlyMap<string, string>,
  values: Readonly<Record<string, string>>,
  deployedTemplate: () => Promise<string>,
): Promise<readonly string[]> {
  const candidates = [...template.parameters].filter(
    ([key, { default: value, noEcho }]) =>
      !noEcho && value !== undefined && !given.has(key) && values[key] !== undefined && values[key] !== value,
  );
  if (candidates.length === 0) return [];
  const before = defaultsOf(await deployedTemplate());
  return candidates.map(([key]) => key).filter((key) => before?.get(key) === values[key]);
}

/**
 * What CreateChangeSet gets: given values, the value the stack has already, or nothing if the default applies.
 *
 * @param kept names of the parameters that keep the value that the stack has
 * @throws Failure `MissingParameter` if a parameter has none of them
 */
export function changeSetParameters(
  stackId: string,
  template: StackTemplate,
  given: ReadonlyMap<string, string>,
  kept: ReadonlySet<string>,
): Parameter[] {
  const parameters: Parameter[] = [];
  const missing: string[] = [];
  for (const [key, declared] of template.parameters) {
    const value = given.get(key);
    if (value !== undefined) parameters.push({ ParameterKey: key, ParameterValue: value });
    else if (kept.has(key)) parameters.push({ ParameterKey: key, UsePreviousValue: true });
    else if (declared.default === undefined) missing.push(key);
  }
  if (missing.length === 0) return parameters;
  throw new Failure('MissingParameter', {
    subject: stackId,
    what: `no value for parameter ${missing.join(', ')}`,
    next: `give it with --parameters=${missing[0]}=<value>, or in a --parametersFile if it is secret`,
  });
}

/** @param text `Key=Value` or `Stack:Key=Value` */
function parse(text: string) {
  const equals = text.indexOf('=');
  const name = text.slice(0, Math.max(equals, 0));
  const colon = name.lastIndexOf(':');
  const key = name.slice(colon + 1);
  if (equals < 1 || !key || colon === 0) {
    // The value is left out on purpose: it may be a secret.
    const what = `Parameter "${name || '(no name)'}" is not written as Key=Value or Stack:Key=Value`;
    throw new Failure('BadParameter', { what });
  }
  return { scope: colon < 0 ? undefined : name.slice(0, colon), key, value: text.slice(equals + 1) };
}
