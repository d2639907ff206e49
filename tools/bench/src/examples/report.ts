/** What became of an app. */
export interface ExampleResult {
  readonly name: string;
  /** `not synthesized` says nothing about a deployment: packages, parameters or a container tool are missing. */
  readonly outcome: 'deployed' | 'failed' | 'not synthesized';
  readonly seconds: number;
  /** The resource types that were only placeholders. */
  readonly placeholders: readonly string[];
  readonly why: string | undefined;
}

const WIDTH = 200;

export function reportExamples(results: readonly ExampleResult[]): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  const lines = results.map(({ name, outcome, seconds, placeholders, why }) => {
    const hollow = placeholders.length === 0 ? '' : `placeholders: ${placeholders.join(', ')}`;
    const line = [name.padEnd(width), outcome.padEnd(15), `${seconds} s`.padStart(6), why ?? hollow].join('  ');
    return line.length > WIDTH ? `${line.slice(0, WIDTH - 1)}…` : line.trimEnd();
  });
  const count = (outcome: ExampleResult['outcome']) => results.filter((each) => each.outcome === outcome).length;
  const tried = results.length - count('not synthesized');
  const without = results.filter((each) => each.outcome === 'deployed' && each.placeholders.length === 0).length;
  return [
    ...lines,
    '',
    `${count('deployed')} of ${tried} apps were deployed, ${without} of them without a placeholder; ` +
      `${count('not synthesized')} could not be synthesized here.`,
  ].join('\n');
}
