import schema from './schema.json' with { type: 'json' };

/** Options that every step has, and that change no assembly. */
const OF_ALL_STEPS = ['json', 'report', 'requireEndpoint', 'verbose'];

/** A task's own options, without those of later steps that Nx hands on with an instance: these change no assembly. */
export function ownOverrides<Overrides extends object>(overrides: Overrides): Overrides {
  if (!('instance' in overrides)) return overrides;
  const own = Object.entries(overrides).filter(([name]) => name in schema.properties && !OF_ALL_STEPS.includes(name));
  return { ...(Object.fromEntries(own) as Overrides), __overrides_unparsed__: [] };
}
