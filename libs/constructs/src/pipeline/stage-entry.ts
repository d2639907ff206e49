import { type Conditions, Result, Rule } from 'aws-cdk-lib/aws-codepipeline';

/** What a variable of the pipeline may be that is a yes or a no. */
export const YES_OR_NO = '^(true|false)$';

/** A SHA-256. */
export const DIGEST = '^[0-9a-f]{64}$';

/** What `nx-cdk hand-over` prints; names of projects with other characters are refused. */
export const RELEASES = String.raw`^[\w@./:=-]+=[0-9a-f]{64}(,[\w@./:=-]+=[0-9a-f]{64})*$`;

/**
 * A condition of a stage: variables look as they should. CodePipeline puts their values into the variables of an action
 * as they are, between quotes that it does not escape (https://github.com/aws/aws-cdk/issues/8458). A value with a quote
 * could add variables of its own, such as one that makes Node load a file, to a step that has a role.
 *
 * @param patterns regular expressions, by namespace and name of a variable
 */
export function entryIf(patterns: Readonly<Record<string, string>>): Conditions {
  const rules = Object.entries(patterns).map(
    ([variable, Value]) =>
      new Rule({
        // https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-VariableCheck.html
        name: variable.replace('.', '-'),
        provider: 'VariableCheck',
        version: '1',
        configuration: { Variable: `#{${variable}}`, Value, Operator: 'MATCHES' },
      }),
  );
  return { conditions: [{ rules, result: Result.FAIL }] };
}
