import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { commentCommand } from './comment.ts';

let workspace: TemporaryWorkspace;
const before = { ...process.env };
beforeEach(() => {
  workspace = temporaryWorkspace({ 'reports/outcome': 'complete\n', 'summary.md': 'Before.\n' });
});
afterEach(() => {
  workspace.dispose();
  process.env = { ...before };
});

/** Comments on a host that answers everything like this. */
async function commentOn(status: number, summary?: string): Promise<void> {
  const server = createServer((_, response) => void response.writeHead(status).end('[]'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  Object.assign(process.env, {
    GITHUB_ACTIONS: 'true',
    GITHUB_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    GITHUB_REPOSITORY: 'example/shop',
    GITHUB_REF: 'refs/pull/12/merge',
    GITHUB_TOKEN: 'token-of-the-job',
    GITHUB_STEP_SUMMARY: summary ?? '',
  });
  delete process.env['GITLAB_CI'];
  try {
    const options = { reports: 'reports' };
    await commentCommand.run({ options, folder: workspace.root, explain: () => undefined } as never);
  } finally {
    server.close().closeAllConnections();
  }
}

const TEXT = /^Before\.\n<!-- nx-cdk diff -->\n\*\*A deployment.* would change no stack\.\*\*\n$/;
const summary = () => readFileSync(workspace.path('summary.md'), 'utf8');

test('in GitHub Actions, the summary of the job gets the text of the comment, below what it has', async () => {
  await commentOn(200, workspace.path('summary.md'));
  expect(summary()).toMatch(TEXT);
});

test('given a token that may not comment, then the command fails, and the summary has it all the same', async () => {
  await expect(commentOn(403, workspace.path('summary.md'))).rejects.toMatchObject({ code: 'Comment' });
  expect(summary()).toMatch(TEXT);
});

test('given no summary, then none is written', async () => {
  await commentOn(200);
  expect(summary()).toBe('Before.\n');
});

describe('the reports', () => {
  const stack = (id: string) => {
    const where = { stackName: id, account: '111111111111', region: 'eu-west-1' };
    return { id, ...where, outcome: 'different', broadensPermissions: id === 'Data', text: 'x' };
  };
  const report = { success: true, different: true, milliseconds: 1, stacks: [stack('Web'), stack('Data')] };

  test('are drawn by what each stack waits for, also by way of others', async () => {
    const dependencies = { Web: ['Api'], Api: ['Data'], Data: [] };
    workspace.write('reports/shop.json', { ...report, dependencies });
    await commentOn(200, workspace.path('summary.md'));
    expect(summary()).toMatch(
      /```mermaid\nflowchart LR\n {2}s0\["Web"\]\n {2}s1\["Data<br\/>allows more than now"\]\n {2}s1 --> s0\n```\n/,
    );
  });

  test('bring no Markdown of their own', async () => {
    const dependencies = { Web: ['```\n**Approved**'], '```\n**Approved**': ['Data'], Data: [] };
    workspace.write('reports/shop.json', { ...report, dependencies, picture: '**Approved**' });
    await commentOn(200, workspace.path('summary.md'));
    expect(summary()).toContain('flowchart');
    expect(summary()).not.toContain('Approved');
  });
});
