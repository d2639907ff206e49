import type { Statement } from './statements.ts';

/** Keys of conditions that name who or where from, in the words of AWS on what is public: with fixed values. */
const NAMES_SOMEBODY =
  /^(aws:(source(ip|arn|vpc|vpce|owner|account|orgid|orgpaths)|principal(arn|account|orgid|orgpaths)|userid|vpcsourceip)|kms:calleraccount|lambda:sourcefunctionarn|s3:dataaccesspoint(arn|account)|elasticfilesystem:accesspointarn)$/i;

/** Operators that demand a value: not those that deny one, or let pass where there is none. */
const DEMANDS = /^(ForAnyValue:)?(String(Equals|EqualsIgnoreCase|Like)|Arn(Equals|Like)|IpAddress)$/i;

/** A value that anybody has. */
const ANY_VALUE = /^(\*+|0\.0\.0\.0\/0|::\/0)$/;

/**
 * Whether a statement lets everybody in: all principals, without a condition that names somebody
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html). What nobody can read
 * may do so. A denial that goes lets everybody in where such a statement is left.
 *
 * @param left all statements that are there then
 */
export function letsEverybodyIn(statement: Statement, left: readonly Statement[]): boolean {
  if (statement.effect === 'Deny') return isForEverybody(statement) && left.some((one) => isOpen(one));
  return isOpen(statement);
}

function isOpen(statement: Statement): boolean {
  const { effect, condition } = statement;
  if (effect === 'Deny') return false;
  if (effect !== 'Allow') return true;
  return isForEverybody(statement) && !namesSomebody(condition);
}

function isForEverybody({ principals }: Statement): boolean {
  // All but some are everybody, too.
  return principals.not || principals.values.some((name) => /^(\w+:)?\*$/.test(name));
}

/** Each operator and key of a condition has to hold: one that names somebody is enough. */
function namesSomebody(condition: unknown): boolean {
  return entriesOf(condition).some(
    ([operator, keys]) =>
      DEMANDS.test(operator) &&
      entriesOf(keys).some(
        ([key, values]) =>
          NAMES_SOMEBODY.test(key) &&
          ![values].flat().some((value) => typeof value === 'string' && ANY_VALUE.test(value)),
      ),
  );
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}
