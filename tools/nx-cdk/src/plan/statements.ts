/**
 * A policy statement, or the text of something that becomes one only in CloudFormation. As
 * `@aws-cdk/cloudformation-diff` reads them.
 */
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

/** `Allow sqs:SendMessage, sqs:ReceiveMessage on ${Queue.Arn} to Service:sns.amazonaws.com if {...}` */
export function wordStatement(statement: Statement): string {
  const { effect, actions, resources, principals, condition } = statement;
  const to = listed(principals, (name) => name.replace(/^AWS:/, ''));
  if (effect !== 'Allow' && effect !== 'Deny') return `what becomes of ${statement.render().resource} to ${to}`;
  const only = hasCondition(condition) ? ` if ${JSON.stringify(condition)}` : '';
  return `${effect} ${listed(actions)} on ${listed(resources)} to ${to}${only}`;
}

function listed({ values, not }: Targets, word: (value: string) => string = (value) => value): string {
  return `${not ? 'all but ' : ''}${values.map(word).join(', ') || 'nothing'}`;
}

/**
 * Whether somebody may do more once a statement is there. Not so if statements that were there before have allowed
 * all of it: a narrowed statement shows as one that comes and one that goes.
 *
 * @param before everything that was there
 */
export function additionWidens(statement: Statement, before: readonly Statement[]): boolean {
  if (statement.effect === 'Deny') return false;
  return !isCovered(
    statement,
    before.filter(({ effect }) => effect === 'Allow'),
  );
}

/**
 * Whether somebody may do more once a statement is gone.
 *
 * @param after everything that is there then
 */
export function removalWidens(statement: Statement, after: readonly Statement[]): boolean {
  if (statement.effect === 'Allow') return false;
  return !isCovered(
    statement,
    after.filter(({ effect }) => effect === 'Deny'),
  );
}

/**
 * Whether every action on every resource by every principal of a statement is one of some other. What cannot be
 * compared for certain is not covered.
 */
function isCovered(statement: Statement, others: readonly Statement[]): boolean {
  const { effect, actions, resources, principals } = statement;
  if ((effect !== 'Allow' && effect !== 'Deny') || [actions, resources, principals].some(({ not }) => not))
    return false;
  return actions.values.every((action) =>
    resources.values.every((resource) =>
      principals.values.every((principal) =>
        others.some((other) => covers(other, action, resource, principal, statement)),
      ),
    ),
  );
}

function covers(
  other: Statement,
  action: string,
  resource: string,
  principal: string,
  { condition }: Statement,
): boolean {
  const { actions, resources, principals } = other;
  if ([actions, resources, principals].some(({ not }) => not)) return false;
  if (hasCondition(other.condition) && JSON.stringify(other.condition) !== JSON.stringify(condition)) return false;
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

function hasCondition(condition: unknown): boolean {
  return typeof condition === 'object' && condition !== null && Object.keys(condition).length > 0;
}
