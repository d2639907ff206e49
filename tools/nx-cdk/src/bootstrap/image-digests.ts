import { type Block, blockOf, entryOf } from './template-block.ts';

/**
 * Output of a bootstrap stack by which is known, from the answer that is asked for anyway, that its deploy role may
 * read image digests.
 */
export const READS_IMAGES_OUTPUT = 'DeployRoleReadsImages';

const REPOSITORY = 'ContainerAssetsRepository';
const ROLE = 'DeploymentActionRole';
const VERSION_OUTPUT = 'BootstrapVersion';

const STATEMENT = {
  Sid: 'ReadImageDigests',
  Effect: 'Allow',
  Action: 'ecr:DescribeImages',
  Resource: { 'Fn::Sub': `\${${REPOSITORY}.Arn}` },
};
const OUTPUT = {
  Description: 'Whether the deploy role may read the digests of the images in the container assets repository',
  Value: 'true',
};

/** A template with the statement, or the part of it that was looked for in vain. */
export type WithImageDigests = { readonly text: string } | { readonly missing: string };

/**
 * Lets the deploy role of a bootstrap template read the digests of the images in the repository of that template, and
 * nothing else: CDK's own gives it no permission on ECR, and a deployment that verifies its images has no other role.
 * What is there already is not added again.
 *
 * Variant and version stay what they are, so that this template and CDK's own can follow each other.
 *
 * @param template of CDK's own variant, in YAML or JSON
 */
export function withImageDigests(template: string): WithImageDigests {
  return template.trimStart().startsWith('{') ? inJson(template) : inYaml(template);
}

function inYaml(template: string): WithImageDigests {
  const lines = template.split(/\r?\n/);
  if (!isUnconditional(lines, REPOSITORY, 'AWS::ECR::Repository')) return { missing: `resource ${REPOSITORY}` };
  if (!isUnconditional(lines, ROLE, 'AWS::IAM::Role')) return { missing: `resource ${ROLE}` };
  const statements = statementsOfRole(lines);
  if (statements === undefined) return { missing: `policy of ${ROLE}` };
  const outputs = blockOf(lines, 0, 'Outputs');
  if (outputs === undefined || !blockOf(lines, 2, VERSION_OUTPUT, outputs))
    return { missing: `output ${VERSION_OUTPUT}` };

  const hasOutput = blockOf(lines, 2, READS_IMAGES_OUTPUT, outputs) !== undefined;
  const insertions = [
    { after: outputs.start, added: hasOutput ? [] : outputInYaml() },
    { after: statements.start, added: hasStatement(lines, statements) ? [] : statementInYaml(statements.indent) },
  ];
  // The later one first: it moves nothing that the other one counts on.
  for (const { after, added } of insertions.toSorted((one, other) => other.after - one.after))
    lines.splice(after + 1, 0, ...added);
  return { text: lines.join('\n') };
}

/** A resource under a condition may not be there to be referred to. */
function isUnconditional(lines: readonly string[], name: string, type: string): boolean {
  const { start, end } = entryOf(lines, 'Resources', name) ?? { start: 0, end: 0 };
  const own = lines.slice(start, end).filter((line) => /^ {4}\w/.test(line));
  const isOfType = new RegExp(`^ {4}Type: (['"]?)${type}\\1\\s*$`);
  return own.some((line) => isOfType.test(line)) && !own.some((line) => line.startsWith('    Condition:'));
}

/** The statements of the first policy of the role, which has one, and how far they are indented. */
function statementsOfRole(lines: readonly string[]): (Block & { readonly indent: string }) | undefined {
  const role = entryOf(lines, 'Resources', ROLE);
  const policies = role && blockOf(lines, 6, 'Policies', role);
  const document = policies && blockOf(lines, 10, 'PolicyDocument', policies);
  const statements = document && blockOf(lines, 12, 'Statement', document);
  if (statements === undefined) return undefined;
  const first = lines.slice(statements.start + 1, statements.end).find((line) => /^ *[^\s#]/.test(line));
  const indent = /^( +)- /.exec(first ?? '')?.[1];
  return indent === undefined ? undefined : { ...statements, indent };
}

function hasStatement(lines: readonly string[], { start, end }: Block): boolean {
  return lines.slice(start, end).some((line) => /^ +(- )?Sid: (['"]?)ReadImageDigests\2\s*$/.test(line));
}

function statementInYaml(indent: string): string[] {
  const { Sid, Effect, Action, Resource } = STATEMENT;
  return [
    `- Sid: ${Sid}`,
    `  Effect: ${Effect}`,
    `  Action: ${Action}`,
    '  Resource:',
    `    Fn::Sub: "${Resource['Fn::Sub']}"`,
  ].map((line) => indent + line);
}

function outputInYaml(): string[] {
  return [`  ${READS_IMAGES_OUTPUT}:`, `    Description: ${OUTPUT.Description}`, `    Value: '${OUTPUT.Value}'`];
}

interface Resource {
  readonly Type?: string;
  readonly Condition?: string;
  readonly Properties?: { readonly Policies?: readonly { readonly PolicyDocument?: { Statement?: unknown } }[] };
}

function inJson(json: string): WithImageDigests {
  const template = parsed(json);
  const { Resources = {}, Outputs = {} } = template;
  const { [REPOSITORY]: repository, [ROLE]: role } = Resources;
  if (repository?.Type !== 'AWS::ECR::Repository' || 'Condition' in repository)
    return { missing: `resource ${REPOSITORY}` };
  if (role?.Type !== 'AWS::IAM::Role' || 'Condition' in role) return { missing: `resource ${ROLE}` };
  const statements = role.Properties?.Policies?.[0]?.PolicyDocument?.Statement;
  if (!Array.isArray(statements)) return { missing: `policy of ${ROLE}` };
  if (!(VERSION_OUTPUT in Outputs)) return { missing: `output ${VERSION_OUTPUT}` };

  if (!statements.some(({ Sid }) => Sid === STATEMENT.Sid)) statements.unshift(STATEMENT);
  Outputs[READS_IMAGES_OUTPUT] ??= OUTPUT;
  return { text: JSON.stringify(template, undefined, 2) };
}

function parsed(json: string): { Resources?: Record<string, Resource>; Outputs?: Record<string, object> } {
  try {
    return JSON.parse(json);
  } catch {
    return {};
  }
}
