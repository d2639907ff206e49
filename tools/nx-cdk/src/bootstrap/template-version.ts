import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { entryOf } from './template-block.ts';

/** What tells one bootstrap template from another. */
export interface TemplateFacts {
  readonly version: number;
  /** Who made the template; the toolkit refuses to overwrite one variant with another. */
  readonly variant: string | undefined;
}

/** The bootstrap template that the installed CDK toolkit would deploy. */
export interface InstalledTemplate extends TemplateFacts {
  readonly text: string;
}

/**
 * The bootstrap template of the installed CDK toolkit and its version, read from its file: loading the toolkit to ask
 * for it takes more than a second, and a bootstrap that finds nothing to do should not pay for that.
 *
 * @returns undefined if the file has moved or changed; then only the toolkit itself can tell
 */
export function readInstalledTemplate(file: string | undefined = templateFile()): InstalledTemplate | undefined {
  if (file === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  const version = /^ {4}Type: AWS::SSM::Parameter$[\s\S]*?^ {6}Value: ['"]?(\d+)['"]?\s*$/m.exec(
    entry(text, 'Resources', 'CdkBootstrapVersion'),
  );
  if (version === null) return undefined;
  const variant = /^ {4}Default: (['"]?)(.+)\1\s*$/m.exec(entry(text, 'Parameters', 'BootstrapVariant'));
  return { version: Number(version[1]), variant: variant?.[2], text };
}

function templateFile(): string | undefined {
  try {
    // The toolkit exports its package.json but not the template itself.
    const manifest = createRequire(import.meta.url).resolve('@aws-cdk/toolkit-lib/package.json');
    return join(dirname(manifest), 'lib/api/bootstrap/bootstrap-template.yaml');
  } catch {
    return undefined;
  }
}

function entry(text: string, section: string, name: string): string {
  const lines = text.split(/\r?\n/);
  const block = entryOf(lines, section, name);
  return block === undefined ? '' : lines.slice(block.start, block.end).join('\n');
}
