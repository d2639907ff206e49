import { same } from './template.ts';

/** A policy statement, or the text of what becomes one only in CloudFormation: see `@aws-cdk/cloudformation-diff`. */
export interface Statement {
  readonly effect: string;
  readonly actions: Targets;
  readonly resources: Targets;
  readonly principals: Targets;
  readonly condition?: unknown;
  render(): { readonly resource: string };
}

interface Targets {
  readonly values: readonly string[];
  /** All but these. */
  readonly not: boolean;
}

/** `Allow sqs:SendMessage, sqs:ReceiveMessage on ${Queue.Arn} to Service:sns.amazonaws.com if StringEquals aws:...` */
export function wordStatement(statement: Statement): string {
  const { effect, actions, resources, principals, condition } = statement;
  const to = listed({ ...principals, values: principals.values.map((name) => name.replace(/^AWS:/, '')) });
  if (effect !== 'Allow' && effect !== 'Deny') return `what becomes of ${withoutValues(statement)} to ${to}`;
  const only = hasCondition(condition) ? ` if ${wordCondition(condition)}` : '';
  return `${effect} ${listed(actions)} on ${listed(resources)} to ${to}${only}`;
}

function withoutValues(statement: Statement): string {
  const { resource } = statement.render();
  try {
    return JSON.stringify(JSON.parse(resource), hideConditions);
  } catch {
    return 'a statement that cannot be read';
  }
}

/** For `JSON.stringify`: puts what a condition compares in place of its values. */
export function hideConditions(key: string, value: unknown): unknown {
  return key === 'Condition' && hasCondition(value) ? wordCondition(value) : value;
}

/** `StringEquals sts:ExternalId (value hidden)`: an external id, a referer or a tag may be a secret. */
function wordCondition(condition: object): string {
  const compared = Object.entries(condition).flatMap(([operator, keys]: [string, unknown]) =>
    hasCondition(keys) && !Array.isArray(keys) ? Object.keys(keys).map((key) => `${operator} ${key}`) : [operator],
  );
  return `${compared.join(', ')} (${compared.length === 1 ? 'value' : 'values'} hidden)`;
}

function listed({ values, not }: Targets): string {
  return `${not ? 'all but ' : ''}${values.join(', ') || 'nothing'}`;
}

/**
 * Whether a new statement allows more. It does not if earlier statements allowed all of it: a narrowed statement shows
 * as one that comes and one that goes.
 *
 * @param before all statements that were there
 */
export function additionWidens(statement: Statement, before: readonly Statement[]): boolean {
  return statement.effect !== 'Deny' && !isCovered(statement, before);
}

/** Whether more is allowed without a statement. @param after all statements that are there then */
export function removalWidens(statement: Statement, after: readonly Statement[]): boolean {
  return statement.effect !== 'Allow' && !isCovered(statement, after);
}

/** Whether others of the same effect hold all that a statement does; no if that cannot be told for certain. */
function isCovered(statement: Statement, all: readonly Statement[]): boolean {
  if (!isPlain(statement)) return false;
  const { effect, actions, resources, principals, condition } = statement;
  const others = all.filter(
    (other) =>
      other.effect === effect && isPlain(other) && (!hasCondition(other.condition) || same(other.condition, condition)),
  );
  return actions.values.every((action) =>
    resources.values.every((resource) =>
      principals.values.every((principal) => others.some((other) => covers(other, action, resource, principal))),
    ),
  );
}

/** Whether a statement lists what it is about. */
function isPlain({ effect, actions, resources, principals }: Statement): boolean {
  return (effect === 'Allow' || effect === 'Deny') && ![actions, resources, principals].some(({ not }) => not);
}

function covers({ actions, resources, principals }: Statement, action: string, resource: string, principal: string) {
  return (
    actions.values.some((pattern) => fits(pattern.toLowerCase(), action.toLowerCase())) &&
    resources.values.some((pattern) => fits(pattern, resource)) &&
    // Unlike actions and resources, principals know no pattern but everybody.
    principals.values.some((name) => name === '*' || name === 'AWS:*' || name === principal)
  );
}

/** Whether everything that a text stands for is what the pattern stands for: both may hold `*` and `?`. */
function fits(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[\\^$.+()[\]{}|]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '[^*]');
  return new RegExp(`^${source}$`, 's').test(text);
}

function hasCondition(condition: unknown): condition is object {
  return typeof condition === 'object' && condition !== null && Object.keys(condition).length > 0;
}
