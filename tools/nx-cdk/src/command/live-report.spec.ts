import type { ExecutorContext } from '@nx/devkit';
import { ASKED_TARGETS } from '../inputs/index.ts';
import { Recorder } from '../progress/index.ts';
import type { ShownRun } from '../report/index.ts';
import { captureOutput } from '../testing/capture-output.ts';
import { type TemporaryWorkspace, temporaryWorkspace } from '../testing/temporary-workspace.ts';
import { defineExecutor, type ExecutorSettings } from './define-executor.ts';
import { openLiveReport } from './live-report.ts';

const AT_WORK = { CI: 'false' };

async function open(env: NodeJS.ProcessEnv) {
  const said: string[] = [];
  const recorder = new Recorder();
  const source = { command: 'deploy' as const, options: {}, projectName: 'shop', recorder };
  const live = await openLiveReport(source, (event) => void (event.type === 'message' && said.push(event.text)), env);
  return { live, said };
}

test('a report is served, and its address said once', async () => {
  const { live, said } = await open(AT_WORK);
  expect(said).toEqual([expect.stringMatching(/^Live report: http:\/\/127\.0\.0\.1:\d+\/[\w-]+\/$/)]);
  const page = await fetch(said[0]!.replace('Live report: ', ''));
  expect(await page.text()).toContain('Deploy shop: running');
  await live!.end({} as ShownRun);
});

test('in a CI nothing is served, and that is said', async () => {
  const { live, said } = await open({ CI: 'true' });
  expect(live).toBeUndefined();
  expect(said).toEqual(['--ui is for a person at work, and this is a CI: nothing is served.']);
});

describe('an executor with --ui', () => {
  let workspace: TemporaryWorkspace;
  const { CI, [ASKED_TARGETS]: asked } = process.env;
  const set = (name: string, value: string | undefined) => {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  };
  beforeEach(() => {
    workspace = temporaryWorkspace();
    set('CI', 'false');
    // Nx may run this test, and was asked for another target.
    set(ASKED_TARGETS, undefined);
  });
  afterEach(() => {
    workspace.dispose();
    set('CI', CI);
    set(ASKED_TARGETS, asked);
  });

  async function run(page: ExecutorSettings<object>['page'], options: object, isEndless = false) {
    const context = {
      root: workspace.root,
      isVerbose: false,
      projectName: 'shop',
      targetName: page,
    } as unknown as ExecutorContext;
    let recorded = false;
    const executor = defineExecutor(
      async (_, { listener, isRecorded }) => {
        recorded = isRecorded;
        listener({ type: 'run-started', action: 'deploy', items: 0, subject: '0 stacks' });
        return { success: true };
      },
      { page, isEndless },
    );
    return { ...(await captureOutput(() => executor(options, context))), recorded };
  }

  test('serves its page also if it writes none, and ends', async () => {
    const { success, output, recorded } = await run('deploy', { ui: true, report: false });
    expect({ success, recorded }).toEqual({ success: true, recorded: true });
    expect(output.match(/Live report: http:/g)).toHaveLength(1);
    expect(output).not.toContain('Report: dist');
    await expect(fetch(/http:\S+/.exec(output)![0])).rejects.toThrow('fetch failed');
  });

  test.each([
    ['plan', false, /Report: dist\/reports\/shop\/\S+-plan\.html/],
    ['dev', true, /^(?![^]*Report: dist)/],
  ] as const)('serves %s', async (page, isEndless, written) => {
    const { output } = await run(page, { ui: true }, isEndless);
    expect(output.match(/Live report: http:/g)).toHaveLength(1);
    expect(output).toMatch(written);
  });

  test('says its address as an event to programs', async () => {
    const { output } = await run('deploy', { ui: true, json: true });
    const events = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; text?: string });
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'message', level: 'info', text: expect.stringMatching(/^Live report: http:/) }),
    );
  });

  test('serves nothing if it is not asked for', async () => {
    expect((await run('deploy', {})).output).not.toContain('Live report');
  });

  test.each([
    ['publish', true],
    ['deploy', false],
  ])('of publishing, given nx %s --ui, then it is served: %p', async (target, expected) => {
    set(ASKED_TARGETS, target);
    const { output } = await run('publish', { ui: true });
    expect(output.includes('Live report: http:')).toBe(expected);
    expect(output).toContain('Report: dist/reports/shop/');
  });
});
