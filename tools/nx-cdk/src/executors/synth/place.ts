import { INSTANCE_CONTEXT } from '@nx-cdk/environments';
import { instanceFolder } from '../../cdk-json/index.ts';
import type { ChosenInstance } from '../../command/index.ts';
import { parseContext, type SynthSettings } from '../../synth/index.ts';

/** Of an instance: where its assembly goes, and what the app is told of it. */
export function settingsOf(settings: SynthSettings, instance: ChosenInstance | undefined): SynthSettings {
  if (instance === undefined) return settings;
  const { environment, name } = instance;
  return {
    ...settings,
    output: settings.output ?? instanceFolder(environment.name, name),
    context: { ...parseContext(settings.context), [INSTANCE_CONTEXT]: `${environment.name}/${name}` },
  };
}
