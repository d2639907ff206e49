import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { withImageDigests } from './image-digests.ts';
import type { BootstrapPlan } from './plan.ts';
import type { InstalledTemplate } from './template-version.ts';

/** The template that a plan deploys. */
export interface TemplateToDeploy {
  readonly text: string;
  /** The part of the template by whose absence it cannot let the deploy role read image digests. */
  readonly missing?: string;
}

/**
 * The text of the template that a plan deploys: the installed toolkit's, or once more the one that is there, for which
 * CloudFormation is asked; with the permission to read image digests where the plan gives it and the template has a
 * place for it.
 *
 * @param installed the toolkit's template; where its file is not known, the toolkit itself is asked
 */
export async function templateToDeploy(
  plan: BootstrapPlan,
  installed: InstalledTemplate | undefined,
  cloudFormation: CloudFormationClient,
): Promise<TemplateToDeploy> {
  const text =
    plan.template === 'deployed'
      ? await deployedTemplate(plan, cloudFormation)
      : (installed?.text ?? (await templateOfToolkit()));
  if (!plan.readsImages) return { text };
  const result = withImageDigests(text);
  return 'text' in result ? result : { text, ...result };
}

async function deployedTemplate(
  { toolkitStackName }: BootstrapPlan,
  cloudFormation: CloudFormationClient,
): Promise<string> {
  const { GetTemplateCommand } = await import('@aws-sdk/client-cloudformation');
  const { TemplateBody } = await cloudFormation.send(
    new GetTemplateCommand({ StackName: toolkitStackName, TemplateStage: 'Original' }),
  );
  return TemplateBody ?? '';
}

async function templateOfToolkit(): Promise<string> {
  const { BootstrapTemplate } = await import('@aws-cdk/toolkit-lib');
  return (await BootstrapTemplate.fromSource()).asYAML();
}
