import { fenced } from './fenced.ts';

/** Begins every comment of ours about a sandbox; nobody sees it. */
export const SANDBOX_MARKER = '<!-- nx-cdk sandbox -->';

/** What became of the sandbox of a pull request. */
export interface SandboxState {
  readonly environment: string;
  readonly instance: string;
  readonly outcome: 'deployed' | 'failed' | 'removed';
  /** Full name of the commit that was deployed. @default - the comment names none */
  readonly commit?: string;
  /** Outputs by stack, as a deployment writes them: what the author of the change likes. */
  readonly outputs?: readonly Readonly<Record<string, Readonly<Record<string, string>>>>[];
}

/**
 * A comment that says where a sandbox is. Of its outputs it shows addresses, and of others the names: they may be
 * secrets, and everybody who can read the repository reads comments. All of it is quoted: nothing becomes a link.
 */
export function sandboxComment({ environment, instance, outcome, commit, outputs = [] }: SandboxState): string {
  const name = `The sandbox ${environment}/${instance}`;
  const of = commit ? ` from ${commit.slice(0, 8)}` : '';
  switch (outcome) {
    case 'removed':
      return `${SANDBOX_MARKER}\n**${name} was removed.**\n`;
    case 'failed':
      return `${SANDBOX_MARKER}\n**${name} could not be deployed${of}.** The log of the job says why.\n`;
    case 'deployed':
      return `${SANDBOX_MARKER}\n**${name} is deployed${of}**\n\n${fenced(textOf(outputs))}`;
  }
}

function textOf(outputs: NonNullable<SandboxState['outputs']>): string {
  const stacks = outputs.flatMap((one) => Object.entries(one)).toSorted(([one], [other]) => (one < other ? -1 : 1));
  if (stacks.length === 0) return 'It has no stacks.';
  return stacks
    .flatMap(([stack, values]) => [stack, ...Object.entries(values).map(([key, value]) => `  ${key}: ${shown(value)}`)])
    .join('\n');
}

/** A path of plain words, such as `/prod/` or `/v1/docs`: a longer one may be what gives access. */
const PLAIN_PATH = /^(\/([a-z-]{1,20}|v\d{1,3}))*\/?$/;

/** The host of an address, and a path that says nothing; `****` for all else, which may be secret. */
function shown(value: unknown): string {
  const url = typeof value === 'string' && /^https?:\/\//.test(value) ? URL.parse(value) : null;
  if (url === null) return '****';
  const plain = PLAIN_PATH.test(url.pathname) ? url.pathname : '';
  const isMore = plain === '' || `${url.username}${url.password}${url.search}${url.hash}` !== '';
  return `${url.origin}${plain}${isMore ? '****' : ''}`;
}
