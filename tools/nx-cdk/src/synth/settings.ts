import { INSTANCE_CONTEXT } from '@nx-cdk/environments';
import { instanceFolder, readCdkJson } from '../cdk-json/index.ts';
import { missedConfiguration } from '../inputs/index.ts';
import { lookupsAllowed, parseContext } from './options.ts';
import { resolvesDefaults } from './resolves-defaults.ts';
import type { SynthRequest } from './synthesize.ts';

/** What the synth target of an app says; described in its schema.json. */
export interface SynthSettings {
  readonly output?: string;
  readonly context?: readonly string[] | string | Readonly<Record<string, unknown>>;
  readonly strict?: boolean;
  readonly lookups?: boolean;
  readonly defaultEnvironment?: boolean;
  readonly passEnvironment?: readonly string[];
  readonly coveredPrograms?: readonly string[];
}

/** The synthesis that the synth target of an app does. @throws Failure `Context`, `CdkJson` */
export function synthesisBy(
  { output, strict, passEnvironment, coveredPrograms, ...settings }: SynthSettings,
  place: Pick<SynthRequest, 'workspaceRoot' | 'projectRoot' | 'name'>,
): SynthRequest {
  // A synthesis has no configuration, because the assembly is the same for all; without its endpoint it asks no AWS.
  const { lookups = lookupsAllowed(process.env) && missedConfiguration(process.env) === undefined } = settings;
  const context = parseContext(settings.context);
  const resolveDefaults = resolvesDefaults(readCdkJson(place.projectRoot), settings.defaultEnvironment, process.env);
  return { ...place, output, context, strict, lookups, resolveDefaults, passEnvironment, coveredPrograms };
}

/** The same for one instance of an environment: where its assembly goes, and what the app is told of it. */
export function settingsOfInstance(
  settings: SynthSettings,
  instance: { readonly environment: { readonly name: string }; readonly name: string } | undefined,
): SynthSettings {
  if (instance === undefined) return settings;
  const { environment, name } = instance;
  return {
    ...settings,
    output: settings.output ?? instanceFolder(environment.name, name),
    context: { ...parseContext(settings.context), [INSTANCE_CONTEXT]: `${environment.name}/${name}` },
  };
}
