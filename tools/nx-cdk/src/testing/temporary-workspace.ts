import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/**
 * A folder with files of its own in which `aws-cdk-lib` and `nx-cdk` can be imported, as in a workspace where they are
 * installed.
 */
export interface TemporaryWorkspace {
  readonly root: string;
  path(...parts: string[]): string;
  /** Writes a file: text as it is, everything else as JSON. */
  write(file: string, content: string | object): void;
  /**
   * Runs a CDK app as the CDK CLI does, but without the CLI: about a second less. Returns the folder of its assembly.
   */
  synth(app: string, context?: Record<string, unknown>): Promise<string>;
  dispose(): void;
}

const NODE_MODULES = join(import.meta.dirname, '..', '..', '..', '..', 'node_modules');

/** Makes a workspace in a folder of a new name; to be removed with `dispose`. */
export function temporaryWorkspace(files: Readonly<Record<string, string | object>> = {}): TemporaryWorkspace {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'nx-cdk-spec-')));
  symlinkSync(NODE_MODULES, join(root, 'node_modules'));
  const path = (...parts: string[]) => join(root, ...parts);
  const write = (file: string, content: string | object) => {
    if (/^(\.\/)?node_modules(\/|$)/.test(file)) throw new Error('Packages are linked: they are not ours to write to');
    mkdirSync(dirname(path(file)), { recursive: true });
    writeFileSync(path(file), typeof content === 'string' ? content : JSON.stringify(content));
  };
  for (const [file, content] of Object.entries(files)) write(file, content);
  return {
    root,
    path,
    write,
    synth: async (app, context = {}) => {
      const output = path(dirname(app), 'cdk.out');
      const env = { ...process.env, CDK_OUTDIR: output, CDK_CONTEXT_JSON: JSON.stringify(context), NODE_OPTIONS: '' };
      await promisify(execFile)(process.execPath, [path(app)], { cwd: dirname(path(app)), env });
      return output;
    },
    dispose: () => rmSync(root, { recursive: true, force: true }),
  };
}
