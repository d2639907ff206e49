import type { StackDefinition } from '@aws-sdk/client-cloudformation';
import { MAXIMUM_BODY } from '../cloudformation/index.ts';
import { Failure } from '../failure/index.ts';
import { METADATA, type Move, type Template, type TemplateStack } from './model.ts';
import { differInPassing } from './references.ts';

/** CloudFormation moves resources between at most so many stacks at once. */
export const MOST_STACKS = 5;

/** Names of the stacks that take part: those that resources move in, and those that pass other values to each other. */
export function stacksTakingPart(
  deployed: readonly TemplateStack[],
  wanted: readonly TemplateStack[],
  moves: readonly Move[],
): string[] {
  const moving = new Set(moves.flatMap(({ from, to }) => [from.stackName, to.stackName]));
  const before = new Map(deployed.map(({ stackName, template }) => [stackName, template]));
  const passing = wanted.filter(
    ({ stackName, template }) => before.has(stackName) && differInPassing(before.get(stackName)!, template),
  );
  return [...new Set([...moving, ...passing.map(({ stackName }) => stackName)])].toSorted();
}

/**
 * The templates that CloudFormation is to go by: those of the app. What CDK says of the app itself stays as it is
 * deployed, since a refactoring may change nothing. Of a stack that the app has no more, just that is left.
 *
 * @throws Failure `NotRefactorable`, `TemplateTooLarge`
 */
export function definitionsOf(
  names: readonly string[],
  deployed: readonly TemplateStack[],
  wanted: readonly TemplateStack[],
): StackDefinition[] {
  const templateIn = (stacks: readonly TemplateStack[], name: string) =>
    stacks.find(({ stackName }) => stackName === name)?.template;
  return names.map((name) => {
    const before = templateIn(deployed, name)!;
    const metadata = Object.entries(before.Resources ?? {}).filter(([, { Type }]) => Type === METADATA);
    const template = withMetadata(templateIn(wanted, name) ?? withoutResources(before), Object.fromEntries(metadata));
    if (Object.keys(template.Resources ?? {}).length === 0) {
      throw new Failure('NotRefactorable', {
        subject: name,
        what: 'nothing would be left in it, and CloudFormation keeps no empty stack',
        next: 'keep a resource in it, deploy that, and delete the stack when all else has moved',
      });
    }
    const body = JSON.stringify(template);
    if (Buffer.byteLength(body) <= MAXIMUM_BODY) return { StackName: name, TemplateBody: body };
    throw new Failure('TemplateTooLarge', {
      subject: name,
      what: `its template has ${Buffer.byteLength(body)} bytes, and a request takes ${MAXIMUM_BODY}`,
      next: 'move it with npx nx cdk <project> -- refactor, with credentials that may write to the staging bucket',
    });
  });
}

function withMetadata(template: Template, metadata: NonNullable<Template['Resources']>): Template {
  const own = Object.entries(template.Resources ?? {}).filter(([, { Type }]) => Type !== METADATA);
  return { ...template, Resources: { ...Object.fromEntries(own), ...metadata } };
}

function withoutResources({ Outputs: _outputs, ...template }: Template): Template {
  return { ...template, Resources: {} };
}
