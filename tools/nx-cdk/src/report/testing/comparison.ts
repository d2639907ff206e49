import { Recorder } from '../../progress/index.ts';
import type { DiffRun } from '../model.ts';

const WHERE = { account: '222222222222', region: 'eu-west-1' };

/** A comparison of four stacks: two differ, one is the same, and one could not be compared. */
export function comparison(): DiffRun {
  let now = Date.UTC(2026, 10, 28);
  const recorder = new Recorder(() => (now += 250));
  const stack = (name: string, outcome: 'different' | 'failed' | 'unchanged', text = '') => {
    const id = `prod/${name}`;
    const failure = { code: 'AssumeRoleDenied', message: `${id}: no role can be assumed` } as const;
    const broadensPermissions = name === 'Service';
    const more = outcome === 'failed' && { failure };
    return { id, stackName: `prod-${name}`, ...WHERE, outcome, broadensPermissions, text, ...more };
  };
  const stacks = [
    stack('Network', 'unchanged'),
    stack('Data', 'different', '[~] AWS::SQS::Queue Queue\n └─ [~] VisibilityTimeout\n ├─ [-] 30\n └─ [+] 31'),
    stack('Service', 'different', '[+] AWS::SQS::Queue Queue <script>window.ran = 1</script>\n[+] AWS::IAM::Role Role'),
    stack('Blog', 'failed'),
  ];
  const { listener } = recorder;
  listener({ type: 'run-started', action: 'diff', subject: '4 stacks', items: stacks.length });
  for (const { id, outcome, ...rest } of stacks) {
    const label = id;
    listener({ type: 'item-started', id, label, where: `${WHERE.account}/${WHERE.region}` });
    const ended = outcome === 'different' ? 'planned' : outcome;
    const failure = 'failure' in rest ? rest.failure : undefined;
    listener({ type: 'item-finished', id, outcome: ended, milliseconds: 250, ...(failure && { failure }) });
  }
  const summary = '4 stacks: 2 with differences, 1 unchanged, 1 failed';
  listener({ type: 'run-finished', success: false, summary, milliseconds: 2000 });
  const result = { success: false, different: true, milliseconds: 2000, stacks };
  return { format: 1, command: 'diff', project: 'shop', success: false, recording: recorder.recording(), result };
}
