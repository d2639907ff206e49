import type { ProgressEvent } from '../progress/index.ts';
import { namingProject } from './name-project.ts';

describe('the next step of an error', () => {
  test('names the project in messages, and in all that a failed item says, so that it can be copied; nowhere else', () => {
    const heard: ProgressEvent[] = [];
    const listener = namingProject((event) => heard.push(event), { projectName: 'infra' });

    listener({ type: 'message', level: 'error', text: 'nx synth <project>' });
    listener({
      type: 'item-finished',
      id: 'a',
      outcome: 'failed',
      detail: 'nx publish <project>',
      lines: ['<project>'],
      failure: { code: 'AssetMissing', message: 'nx publish <project>', next: 'nx publish <project>' },
      milliseconds: 1,
    });
    listener({
      type: 'item-finished',
      id: 'b',
      outcome: 'updated',
      detail: 'a resource called <project>',
      milliseconds: 1,
    });

    expect(heard).toEqual([
      { type: 'message', level: 'error', text: 'nx synth infra' },
      {
        type: 'item-finished',
        id: 'a',
        outcome: 'failed',
        detail: 'nx publish infra',
        lines: ['infra'],
        failure: { code: 'AssetMissing', message: 'nx publish infra', next: 'nx publish infra' },
        milliseconds: 1,
      },
      { type: 'item-finished', id: 'b', outcome: 'updated', detail: 'a resource called <project>', milliseconds: 1 },
    ]);
  });

  test('keeps to the configuration of the command, such as that for the local AWS', () => {
    const heard: ProgressEvent[] = [];
    const context = { projectName: 'infra', configurationName: 'local-aws' };

    namingProject(
      (event) => heard.push(event),
      context,
    )({
      type: 'message',
      level: 'error',
      text: 'nx cdk <project> -- gc',
    });

    expect(heard).toEqual([{ type: 'message', level: 'error', text: 'nx cdk infra -c local-aws -- gc' }]);
  });
});
