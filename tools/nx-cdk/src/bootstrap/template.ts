import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { parse } from 'yaml';
import type { BootstrapChange, TemplateFacts } from './change.ts';
import { withImageDigests } from './image-digests.ts';

/** The bootstrap template that the installed CDK toolkit would deploy. */
export interface InstalledTemplate extends TemplateFacts {
  readonly text: string;
}

interface Content {
  readonly Resources: { readonly CdkBootstrapVersion: { readonly Properties: { readonly Value: string } } };
  readonly Parameters?: { readonly BootstrapVariant?: { readonly Default?: string } };
}

/**
 * The bootstrap template of the installed CDK toolkit, read from its file: loading the toolkit takes more than a
 * second, too long for a bootstrap that finds nothing to do.
 *
 * @returns undefined if the file has moved or changed; then only the toolkit itself knows
 */
export function readInstalledTemplate(file?: string): InstalledTemplate | undefined {
  try {
    const text = readFileSync(file ?? templateFile(), 'utf8');
    const { Resources, Parameters } = parse(text, { logLevel: 'error' }) as Content;
    const version = Number(Resources.CdkBootstrapVersion.Properties.Value);
    return version > 0 ? { version, variant: Parameters?.BootstrapVariant?.Default, text } : undefined;
  } catch {
    return undefined;
  }
}

function templateFile(): string {
  // The toolkit exports its package.json but not the template itself.
  const manifest = createRequire(import.meta.url).resolve('@aws-cdk/toolkit-lib/package.json');
  return join(dirname(manifest), 'lib/api/bootstrap/bootstrap-template.yaml');
}

/** The template that a change deploys. */
export interface TemplateToDeploy {
  readonly text: string;
  /** What the template lacks, if it has no place for the permission to read image digests. */
  readonly missing?: string;
}

/**
 * The template that a change deploys: that of the installed toolkit, or again the one that is deployed. With the
 * permission to read image digests, if the change gives it and the template has a place for it.
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
      ? await deployedTemplate(change.toolkitStackName, cloudFormation)
      : (installed?.text ?? (await templateOfToolkit()));
  return change.readsImages ? { text, ...withImageDigests(text) } : { text };
}

/** The template of a stack, as it was sent. */
export async function deployedTemplate(StackName: string, cloudFormation: CloudFormationClient): Promise<string> {
  const { GetTemplateCommand } = await import('@aws-sdk/client-cloudformation');
  const { TemplateBody } = await cloudFormation.send(new GetTemplateCommand({ StackName, TemplateStage: 'Original' }));
  return TemplateBody ?? '';
}

async function templateOfToolkit(): Promise<string> {
  const { BootstrapTemplate } = await import('@aws-cdk/toolkit-lib');
  return (await BootstrapTemplate.fromSource()).asYAML();
}
