import { Failure } from '../failure/index.ts';

/**
 * Refuses options of later steps that this one has no use for. Nx hands on all options of a command together with the
 * instance, and only then.
 *
 * @param options of an executor whose schema lets them through (`patternProperties`)
 * @param properties of the schema
 * @throws Failure `BadOption` if they cannot have been handed on
 */
export function refuseStrayOptions(options: object, properties: object): void {
  if ('instance' in options && options.instance !== undefined) return;
  const stray = Object.keys(options).find((name) => !(name in properties));
  if (stray === undefined) return;
  const next = '--help lists the options; those of later steps are taken with --instance only';
  throw new Failure('BadOption', { what: `There is no option --${stray} here`, next });
}
