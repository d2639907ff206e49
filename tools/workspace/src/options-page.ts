import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { format } from 'prettier';
import { WORKSPACE_ROOT } from './workspace-root.ts';

/** The page of all Nx targets and options, relative to the workspace root. */
export const OPTIONS_PAGE = join('docs', 'targets-and-options.md');

/** What writes the page. */
export const WRITE_OPTIONS_PAGE = 'npx nx run workspace:docs';

/** What this reads of an option in a schema.json. */
interface Option {
  readonly type?: string;
  readonly anyOf?: readonly { readonly type: string }[];
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly alias?: string;
  readonly description: string;
  /** Whether nobody gives it by its name. */
  readonly hidden?: boolean;
}

interface Schema {
  readonly description: string;
  readonly properties: Readonly<Record<string, Option>>;
  readonly required?: readonly string[];
}

interface Entry {
  readonly name: string;
  readonly schema: Schema;
}

const INTRODUCTION = `# Targets and options

Made from the schemas of executors and generators by \`${WRITE_OPTIONS_PAGE}\`; do not edit.

\`npx nx <target> <project> --help\` shows the same on your machine. Nx takes \`--dryRun\` and \`--dry-run\` alike. A list
is separated by commas or given several times. Which Nx targets there are, and in which order they run, is in the
[README](../README.md#targets).

The names of the Nx targets are options of the plugin in \`nx.json\` (\`deployTargetName\` and so on). So are
\`configurations\`: each target that talks to AWS gets them, with the options that they set, and Nx loads
\`.env.<configuration>\` before the target runs. \`-c local-aws\` is one. The option \`environmentsFile\` names the
environments file of the workspace if that is not \`environments.json\` at its root: its signing key holds for all apps.`;

/** The page, made from the schemas of all executors and generators. */
export async function optionsPage(root: string = WORKSPACE_ROOT): Promise<string> {
  const executors = entries(root, 'executors');
  const common = commonOptions(executors);
  const parts = [
    INTRODUCTION,
    '## Options of all targets',
    optionList(common, []),
    ...executors.map((entry) => section(entry.name, entry.schema, common)),
    ...entries(root, 'generators').map((entry) => section(`Generator ${entry.name}`, entry.schema, {})),
  ];
  return format(parts.join('\n\n'), { parser: 'markdown', printWidth: 120, proseWrap: 'always' });
}

/** All executors or generators of the workspace's tools, in the order in which each tool lists them. */
function entries(root: string, kind: 'executors' | 'generators'): Entry[] {
  const files = globSync(`tools/*/${kind}.json`, { cwd: root }).toSorted();
  return files.flatMap((file) => {
    const listed = readJson<Record<string, Record<string, { schema: string }>>>(join(root, file))[kind] ?? {};
    return Object.entries(listed).map(([name, { schema }]) => ({
      name,
      schema: readJson<Schema>(join(root, dirname(file), schema)),
    }));
  });
}

/** Those that `deploy` and `synth` share, word by word. */
function commonOptions(executors: readonly Entry[]): Schema['properties'] {
  const of = (name: string) => executors.find((entry) => entry.name === name)!.schema.properties;
  return Object.fromEntries(Object.entries(of('deploy')).filter(([name, option]) => isSame(option, of('synth')[name])));
}

function section(title: string, schema: Schema, common: Schema['properties']): string {
  const own = Object.entries(schema.properties).filter(([name, option]) => !isSame(option, common[name]));
  return [`## ${title}`, escaped(schema.description), optionList(Object.fromEntries(own), schema.required ?? [])]
    .filter((part) => part !== '')
    .join('\n\n');
}

function optionList(options: Schema['properties'], required: readonly string[]): string {
  return Object.entries(options)
    .filter(([, { hidden }]) => hidden !== true)
    .map(([name, option]) => {
      const alias = option.alias === undefined ? '' : `, \`--${option.alias}\``;
      const facts = [typeOf(option), defaultOf(option), required.includes(name) && 'required'].filter(Boolean);
      return `- **\`--${name}\`**${alias} (${facts.join(', ')}): ${escaped(option.description)}`;
    })
    .join('\n');
}

function typeOf({ type, anyOf, enum: values }: Option): string {
  if (values !== undefined) return values.map((value) => `\`${value}\``).join(' or ');
  return type ?? (anyOf?.some((one) => one.type === 'array') ? 'list' : 'string');
}

function defaultOf({ default: value }: Option): string | false {
  return value !== undefined && value !== false && `default \`${String(value)}\``;
}

function escaped(text: string): string {
  return text.replace(/[*<[]/g, '\\$&').replace(/https:\/\/[\w./-]*\w/g, '<$&>');
}

function isSame(one: Option, other: Option | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function readJson<Content>(file: string): Content {
  return JSON.parse(readFileSync(file, 'utf8')) as Content;
}

if (import.meta.main) writeFileSync(join(WORKSPACE_ROOT, OPTIONS_PAGE), await optionsPage());
