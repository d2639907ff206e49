import type { Listener } from '../progress/index.ts';
import { type CallContext, annotate } from './explain.ts';

/** The part of an SDK client that observing needs; every client of SDK v3 has it. */
interface ObservableClient {
  readonly middlewareStack: {
    add(middleware: never, options: { step: 'initialize'; priority: 'high'; name: string }): void;
  };
}

type Next = (args: unknown) => Promise<{ output: { $metadata?: { attempts?: number } } }>;

/**
 * Reports every call of a client and writes on each error which call it came from, so that whoever catches it can name
 * role and action. The middleware stands outermost: what it sees is the answer after all retries.
 */
export function observe(client: ObservableClient, service: string, context: CallContext, listener: Listener): void {
  const middleware = (next: Next, handler: { commandName?: string }) => async (args: unknown) => {
    const action = (handler.commandName ?? 'Unknown').replace(/Command$/, '');
    const started = performance.now();
    const report = (attempts: number, error?: string) =>
      listener({
        type: 'aws-call',
        service,
        action,
        role: context.role,
        target: context.target,
        milliseconds: Math.round(performance.now() - started),
        attempts,
        ...(error === undefined ? {} : { error }),
      });
    try {
      const result = await next(args);
      report(result.output.$metadata?.attempts ?? 1);
      return result;
    } catch (error) {
      const failed = error as { name?: string; $metadata?: { attempts?: number } };
      report(failed.$metadata?.attempts ?? 1, failed.name ?? 'Error');
      annotate(error, { ...context, service, action });
      throw error;
    }
  };
  client.middlewareStack.add(middleware as never, { step: 'initialize', priority: 'high', name: 'nxCdkObserve' });
}
