import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';

// CDK leaves the assemblies of tests behind.
const folder = mkdtempSync(join(tmpdir(), 'constructs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An empty stack in an app of its own, for tests. */
export function testStack(): Stack {
  return new Stack(new App({ outdir: mkdtempSync(join(folder, 'app-')) }), 'Stack');
}
