import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { withImageDigests } from './image-digests.ts';
import type { BootstrapChange } from './change.ts';
import type { InstalledTemplate } from './template-version.ts';

/** The template that a change deploys. */
export interface TemplateToDeploy {
  readonly text: string;
  /** The part of the template by whose absence it cannot let the deploy role read image digests. */
  readonly missing?: string;
}

/**
 * The text of the template that a change deploys: that of the installed toolkit, or once more the one that is there,
 * which CloudFormation tells. It has the permission to read image digests if the change gives it and the template has a
 * place for it.
 *
 * @param installed the toolkit's template; if its file is not known, the toolkit itself is asked
 */
export async function templateToDeploy(
  change: BootstrapChange,
  installed: InstalledTemplate | undefined,
  cloudFormation: CloudFormationClient,
): Promise<TemplateToDeploy> {
  const text =
    change.template === 'deployed'
      ? await deployedTemplate(change, cloudFormation)
      : (installed?.text ?? (await templateOfToolkit()));
  if (!change.readsImages) return { text };
  const result = withImageDigests(text);
  return 'text' in result ? result : { text, ...result };
}

async function deployedTemplate(
  { toolkitStackName }: BootstrapChange,
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
