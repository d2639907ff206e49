import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** What tells one bootstrap template from another. */
export interface TemplateFacts {
  readonly version: number;
  /** Who made the template; the toolkit refuses to overwrite one variant with another. */
  readonly variant: string | undefined;
}

/**
 * The version of the bootstrap template that the installed CDK toolkit would deploy, read from its file: loading the toolkit to ask for it
 * takes more than a second, and a bootstrap that finds nothing to do should not pay for that.
 *
 * @returns undefined where the file is not where it was, or not what it was; then only the toolkit itself can tell
 */
export function readTemplateFacts(file: string | undefined = templateFile()): TemplateFacts | undefined {
  if (file === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  const version = /^ {4}Type: AWS::SSM::Parameter$[\s\S]*?^ {6}Value: ['"]?(\d+)['"]?\s*$/m.exec(
    section(text, 'Resources', 'CdkBootstrapVersion') ?? '',
  );
  if (version === null) return undefined;
  const variant = /^ {4}Default: (['"]?)(.+)\1\s*$/m.exec(section(text, 'Parameters', 'BootstrapVariant') ?? '');
  return { version: Number(version[1]), variant: variant?.[2] };
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

/** The lines of one entry (indented by two) of one top-level section. */
function section(text: string, top: string, name: string): string | undefined {
  const lines = text.split(/\r?\n/);
  const start = lines.indexOf(`${top}:`);
  const entry = start < 0 ? -1 : lines.indexOf(`  ${name}:`, start);
  if (entry < 0) return undefined;
  const end = lines.findIndex((line, index) => index > entry && /^ {0,2}[^\s#]/.test(line));
  return lines.slice(entry, end < 0 ? undefined : end).join('\n');
}
