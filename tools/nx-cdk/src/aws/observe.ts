import type { Listener } from '../progress/index.ts';

/** Whose call it is. */
export interface CallContext {
  /** Name of the role, or `caller`. */
  readonly role: string;
  /** `111111111111/eu-west-1` */
  readonly target: string;
  /** Where requests are sent. @default - to AWS */
  readonly endpoint?: string;
}

/** The call that an error came from. */
export interface FailedCall extends CallContext {
  readonly service: string;
  readonly action: string;
}

// A WeakMap, not a property: the error objects are the SDK's, and what is written on them shows up in its logs.
const calls = new WeakMap<object, FailedCall>();

/** Remembers which call an error came from. */
export function annotate(error: unknown, call: FailedCall): void {
  if (typeof error === 'object' && error !== null && !calls.has(error)) calls.set(error, call);
}

/** The call that an error came from, if one of our clients made it. */
export function callOf(error: unknown): FailedCall | undefined {
  return typeof error === 'object' && error !== null ? calls.get(error) : undefined;
}

/** The part of an SDK client that observing needs; every client of SDK v3 has it. */
interface ObservableClient {
  readonly middlewareStack: {
    add(middleware: never, options: { step: 'initialize'; priority: 'high'; name: string }): void;
  };
}

interface Metadata {
  readonly $metadata?: { readonly attempts?: number };
}

/**
 * Reports every call of a client, and remembers of each error which call it came from. The middleware is the outermost
 * one: it sees the answer after all retries.
 */
export function observe(client: ObservableClient, service: string, context: CallContext, listener: Listener): void {
  const { role, target } = context;
  const middleware =
    (next: (args: unknown) => Promise<{ output: Metadata }>, handler: { commandName?: string }) =>
    async (args: unknown) => {
      const action = (handler.commandName ?? 'Unknown').replace(/Command$/, '');
      const started = performance.now();
      const report = ({ $metadata }: Metadata, failed?: { error: string }) => {
        const milliseconds = Math.round(performance.now() - started);
        const attempts = $metadata?.attempts ?? 1;
        listener({ type: 'aws-call', service, action, role, target, milliseconds, attempts, ...failed });
      };
      try {
        const result = await next(args);
        report(result.output);
        return result;
      } catch (error) {
        report(error as Metadata, { error: (error as { name?: string }).name ?? 'Error' });
        annotate(error, { ...context, service, action });
        throw error;
      }
    };
  client.middlewareStack.add(middleware as never, { step: 'initialize', priority: 'high', name: 'nxCdkObserve' });
}
