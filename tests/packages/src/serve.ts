import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from 'test-bed';
import { builtPackages } from './packages.ts';
import { publishTo, startRegistry } from './registry.ts';

/** The packages of this checkout on a registry of this machine, for somebody who tries them, until Ctrl-C. */
const folder = await temporaryFolder('registry-');
try {
  const registry = await startRegistry(folder);
  try {
    const folders = (await builtPackages()).map((built) => built.folder);
    await publishTo(registry, folders, join(folder, 'home'));
    console.log(`\nThe packages are on a registry of this machine, until Ctrl-C. In another terminal:

  export npm_config_registry=${registry.url}
  npx nx add nx-cdk
`);
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  } finally {
    await registry.stop();
  }
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
