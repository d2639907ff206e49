import { type Environments, readEnvironments } from '@nx-cdk/environments';
import { admissionOf, createAws } from 'nx-cdk/src/aws/index.ts';
import { stackOwner } from 'nx-cdk/src/cloudformation/index.ts';
import { collectGarbage, garbagePlaces, type GarbageReport, type GarbageRequest } from 'nx-cdk/src/gc/index.ts';

const DAY = 24 * 60 * 60_000;

/** The app of the workspace of the bed. */
const OWNER = stackOwner('scratch', 'shop').id;

/**
 * Collects garbage as if it were some days later: nothing on a local AWS is old enough.
 *
 * @param environment endpoint and credentials
 * @param say takes what people would read
 */
export async function collectLater(
  environments: Environments,
  days: number,
  request: Partial<GarbageRequest>,
  environment: Readonly<Record<string, string | undefined>>,
  say: (text: string) => void = () => undefined,
): Promise<GarbageReport> {
  const listener: Parameters<typeof createAws>[0]['listener'] = (event) => {
    if (event.type === 'message') say(event.text);
  };
  const aws = createAws({ listener, environment: { ...environment }, admission: admissionOf({ environments }) });
  const clock = { now: () => Date.now() + days * DAY, sleep: async () => undefined };
  const places = garbagePlaces(environments);
  try {
    return await collectGarbage(
      { owner: OWNER, keep: 2, olderThan: 30 * DAY, places, ...request },
      { aws, listener, clock },
    );
  } finally {
    aws.destroy();
  }
}

// As a program, which can be killed: the environments file, the days, and the request as JSON.
if (import.meta.filename === process.argv[1]) {
  const [file = '', days = '', request = '{}'] = process.argv.slice(2);
  const options = JSON.parse(request) as Partial<GarbageRequest>;
  const say = (text: string) => void process.stdout.write(`${text}\n`);
  const { success } = await collectLater(readEnvironments(file), Number(days), options, process.env, say);
  process.exitCode = success ? 0 : 1;
}
