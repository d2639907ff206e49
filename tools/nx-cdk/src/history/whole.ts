import { posix } from 'node:path';
import type { AwsClients } from '../aws/index.ts';
import { CloudFormation, type Clock, sameTemplate } from '../cloudformation/index.ts';
import type { FetchedBundle } from '../release/index.ts';
import type { DeployedStack } from './deployed.ts';
import { fetchRelease } from './fetch.ts';
import type { HistoryPlace } from './places.ts';

/** What an environment has, and which release that is said to be. */
interface Question {
  /** Digest of the release that was deployed last. */
  readonly release: string;
  readonly places: readonly HistoryPlace[];
  /** All of the app, in all of the places. */
  readonly stacks: readonly (DeployedStack & { readonly place: HistoryPlace })[];
}

/** A stack as a release has it. */
interface ExpectedStack {
  readonly stackName: string;
  readonly targetName: string;
  readonly template: string;
}

/**
 * Whether an environment has a release as a whole: a deployment may have been interrupted, or limited to some stacks.
 * Stacks that it has not changed have to have the templates of the release. One request for its assembly, and one for
 * each of these stacks.
 *
 * @returns `whole`; `unknown` if its assembly cannot be read; else what is missing, as a sentence
 */
export async function isWhole(
  { release, places, stacks }: Question,
  { aws, clock }: { readonly aws: AwsClients; readonly clock: Clock },
): Promise<'unknown' | 'whole' | { readonly missing: string }> {
  // What is wrong there is told when the release is deployed.
  const bundle = await fetchRelease(release, places, async () => aws).catch(() => undefined);
  if (bundle === undefined) return 'unknown';
  for (const place of places) {
    const expected = expectedIn(place, bundle);
    if (expected === undefined) return 'unknown';
    for (const { stackName, targetName, template } of expected) {
      const there = stacks.find((one) => one.stackName === stackName && one.place.targetName === targetName);
      if (there === undefined) return { missing: `${stackName} of it is not there` };
      if (there.release !== undefined && release.startsWith(there.release)) continue;
      const cloudFormation = new CloudFormation(aws, place.session, clock);
      const deployed = await cloudFormation.originalTemplate(there.stackId);
      if (!sameTemplate(template, deployed)) return { missing: `${stackName} is not what it says` };
    }
  }
  return 'whole';
}

type Manifest = Readonly<Record<'artifacts', Readonly<Record<string, Artifact>> | undefined>>;

interface Artifact {
  readonly type?: unknown;
  readonly environment?: unknown;
  readonly displayName?: unknown;
  readonly properties?: { readonly templateFile?: unknown; readonly stackName?: unknown };
}

/**
 * The stacks of an environment in one of its targets: those of the CDK stage with its name.
 *
 * @returns undefined if a manifest cannot be read: whoever may publish can store anything
 */
function expectedIn(place: HistoryPlace, { files }: FetchedBundle): ExpectedStack[] | undefined {
  const { environment, target, targetName } = place;
  const manifests = [...files].filter(([name]) => posix.basename(name) === 'manifest.json');
  try {
    return manifests.flatMap(([name, content]) => stacksIn(name, JSON.parse(content.toString()) as Manifest));
  } catch {
    return undefined;
  }

  function stacksIn(name: string, { artifacts = {} }: Manifest): ExpectedStack[] {
    return Object.entries(artifacts).flatMap(([id, { type, environment: where, displayName, properties = {} }]) => {
      const isHere =
        type === 'aws:cloudformation:stack' &&
        where === `aws://${target.account}/${target.region}` &&
        String(displayName).startsWith(`${environment}/`);
      const template = isHere && files.get(posix.join(posix.dirname(name), String(properties.templateFile)));
      if (!template) return [];
      return [{ stackName: String(properties.stackName ?? id), targetName, template: template.toString() }];
    });
  }
}
