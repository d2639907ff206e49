import type { Assembly } from '../../assembly/index.ts';
import type { ProgressEvent } from '../../progress/index.ts';
import { assemblyOf, type TestStack } from './assembly.ts';
import { FakeCloudFormation } from './fake-cloudformation.ts';
import { VirtualClock } from './virtual-clock.ts';

/*
 * What each test of a spec that imports this file has of its own.
 */

export let clock: VirtualClock;
export let cloud: FakeCloudFormation;
/** What runs with `dependencies()` have told. */
export const events: ProgressEvent[] = [];
const assemblies: { dispose(): void }[] = [];

beforeEach(() => {
  clock = new VirtualClock();
  cloud = new FakeCloudFormation(clock);
  events.length = 0;
});

afterEach(() => {
  for (const assembly of assemblies.splice(0)) assembly.dispose();
});

/** An assembly that is removed after the test. */
export function given(stacks: readonly TestStack[]): Assembly {
  const assembly = assemblyOf(stacks);
  assemblies.push(assembly);
  return assembly;
}

/** What an engine works with. */
export function dependencies() {
  return { aws: cloud.aws(), listener: (event: ProgressEvent) => void events.push(event), clock };
}
