import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Jest's `globalSetup` of suites with a local AWS: makes the folder in which each worker keeps its own. The servers end
 * with their workers, the folder with this process, which Jest ends by `process.exit`, also after Ctrl-C.
 */
export default function setUp(): void {
  const folder = mkdtempSync(join(tmpdir(), 'local-aws-'));
  process.env['TEST_BED_INSTANCES'] = folder;
  process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
}
