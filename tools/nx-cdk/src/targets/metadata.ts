import type { TargetConfiguration } from '@nx/devkit';

/** What Nx shows of an inferred target: what it does, how it is called, and options that somebody may want to give. */
export function metadataOf(
  project: string,
  target: string,
  technology: string,
  description: string,
  example: Readonly<Record<string, unknown>>,
): TargetConfiguration['metadata'] {
  const help = { command: `npx nx ${target} ${project} --help`, example: { options: { ...example } } };
  return { technologies: [technology], description, help };
}
