import type { Environments } from '@libs/environments';
import type { RecordStore } from '../deployments/index.ts';
import type { Invocation } from './commands.ts';

/** Runs something with the deployment records of the CI account, and closes the connections to it afterwards. */
export async function withRecords<Result>(
  { ci }: Environments,
  { explain }: Pick<Invocation, 'explain'>,
  work: (records: RecordStore) => Promise<Result>,
): Promise<Result> {
  // Imported late: a mistyped option need not wait for the SDK.
  const [{ createAws }, { RecordStore }] = await Promise.all([
    import('../aws/index.ts'),
    import('../deployments/index.ts'),
  ]);
  const aws = createAws({ listener: () => undefined });
  try {
    return await work(
      new RecordStore(aws, ci, (event) => {
        if (event.type === 'message') explain(`${event.level}: ${event.text}`);
      }),
    );
  } finally {
    aws.destroy();
  }
}
