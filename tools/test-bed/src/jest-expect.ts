import type { ProcessResult } from './process.ts';

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- the types of Jest are in one
  namespace jest {
    interface Matchers<R> {
      /** Expects that a process ended with this exit code, and shows all that it wrote if it did not. */
      toEndWith(code: number): R;
    }
  }
}

expect.extend({
  toEndWith({ code, output }: Pick<ProcessResult, 'code' | 'output'>, expected: number) {
    return {
      pass: code === expected,
      message: () => `The exit code is ${code}${this.isNot ? '' : `, expected was ${expected}`}. It wrote:\n${output}`,
    };
  },
});
