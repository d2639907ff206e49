import type { RunFile } from '../model.ts';

/** What names of stacks, resources, outputs and messages may hold, if somebody wants them to. */
export const HOSTILE = [
  '<script>window.ran = 1</script>',
  '"><img src=x onerror="window.ran = 1">',
  '</script><svg onload="window.ran = 1">',
  "' autofocus onfocus='window.ran = 1",
  '${window.ran = 1}',
  'javascript:window.ran=1',
  '</style></title><base href="//example.com/">',
  'left\u202Ethgir\u2066',
];

/** Words that programs compare with, and what pages compute with. */
const KEPT = new Set(['command', 'outcome', 'level', 'kind', 'action', 'startedAt', 'replacement', 'data', 'rule']);

/** A run of which every other text is long, and has no place to break it. */
export function lengthened<Run extends RunFile>(run: Run): Run {
  return withTexts(run, (text) => `${text}${'LongNameWithoutSpaces'.repeat(8)}`);
}

/** A run of which every other text holds all of that, the same for the same text. */
export function hostile<Run extends RunFile>(run: Run): Run {
  const ending = HOSTILE.join(' ');
  return withTexts(run, (text) => `${text} ${ending}`);
}

function withTexts<Run extends RunFile>(run: Run, change: (text: string) => string): Run {
  const text = JSON.stringify(run, (key, value: unknown) =>
    typeof value === 'string' && !KEPT.has(key) ? change(value) : value,
  );
  return JSON.parse(text) as Run;
}
