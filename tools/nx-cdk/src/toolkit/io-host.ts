import type { IIoHost } from '@aws-cdk/toolkit-lib';
import type { Listener } from '../progress/index.ts';

/** The messages of the toolkit's contract, without importing it: that costs 1.2 s. */
type IoMessage = Parameters<IIoHost['notify']>[0];

/** How the toolkit's questions are answered. */
export interface IoHostOptions {
  readonly listener: Listener;
  /**
   * Answers a question of the toolkit.
   * @default - the toolkit's own default answer
   */
  readonly answer?: (question: {
    readonly code: string;
    readonly message: string;
    readonly defaultResponse: unknown;
  }) => Promise<unknown>;
  /**
   * Takes messages that are the result of an action (a diff, say), which belong on the screen as they are, with what
   * the toolkit says of them to programs.
   * @default - they are shown as information
   */
  readonly result?: (text: string, data: unknown) => void;
}

const LEVELS: Readonly<Record<IoMessage['level'], 'debug' | 'info' | 'warning' | 'error'>> = {
  trace: 'debug',
  debug: 'debug',
  info: 'info',
  result: 'info',
  warn: 'warning',
  error: 'error',
};

/**
 * What an app writes to stderr, line by line. The toolkit calls it an error, but apps write warnings there, and go on;
 * one that fails says so by its exit code.
 */
const STDERR_OF_APP = 'CDK_ASSEMBLY_E1002';

/** Translates what the CDK toolkit says into our own events. */
export function createIoHost(options: IoHostOptions): IIoHost {
  const say = (message: IoMessage) => {
    if (message.message.trim() === '') return;
    if (message.level === 'result' && options.result !== undefined)
      return options.result(message.message, message.data);
    const level = message.code === STDERR_OF_APP ? 'warning' : (LEVELS[message.level] ?? 'info');
    options.listener({ type: 'message', level, text: message.message.trimEnd() });
  };
  return {
    notify: async (message) => say(message),
    requestResponse: async <T>(request: Parameters<IIoHost['requestResponse']>[0]): Promise<T> => {
      if (options.answer === undefined) return request.defaultResponse as T;
      const { code, message, defaultResponse } = request;
      return (await options.answer({ code, message, defaultResponse })) as T;
    },
  };
}
