/**
 * Tells which compiler a handler would be compiled with: an input of the cache, so that another compiler compiles
 * again.
 *
 * A machine without one says whether it is a CI: there, what was left out elsewhere is an error and must not come from
 * the cache.
 */
import { installedGo, pinnedGo } from './go-toolchain.ts';
import { askTool } from './run-tool.ts';
import { findRust } from './rust-toolchain.ts';
import { isCI } from './tool-folder.ts';

const [language] = process.argv.slice(2);
if (language === 'go') {
  console.log(`go ${await installedGo(process.cwd(), process.env)}, else ${pinnedGo()}`);
} else {
  const { toolchain, missing } = await findRust(process.cwd(), process.env);
  // The linker has its part in a binary of Rust.
  const linker = (await askTool('cc', ['--version'], process.env))?.split('\n')[0];
  console.log(
    toolchain === undefined
      ? `${missing}${isCI(process.env) ? ', in a CI' : ''}`
      : `rust ${toolchain.version} ${toolchain.commit} on ${toolchain.host}, ${linker}`,
  );
}
