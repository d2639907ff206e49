/**
 * Prints which compiler a handler would be compiled with, an input of the cache: another compiler compiles again.
 *
 * A machine without one prints whether it is a CI: there, a handler that was left out elsewhere is an error and must
 * not come from the cache.
 */
import { isCI } from '@nx-cdk/processes';
import { installedGo, pinnedGo } from './go.ts';
import { askTool } from './handler.ts';
import { findRust } from './rust.ts';

const [language] = process.argv.slice(2);
if (language === 'go') {
  console.log(`go ${await installedGo(process.cwd(), process.env)}, else ${pinnedGo()}`);
} else {
  const rust = await findRust(process.cwd(), process.env);
  if (typeof rust === 'string') {
    console.log(`${rust}${isCI(process.env) ? ', in a CI' : ''}`);
  } else {
    // The linker has its part in a binary of Rust.
    const linker = (await askTool('cc', ['--version'], process.env))?.split('\n')[0];
    console.log(`rust ${rust.version} ${rust.commit} on ${rust.host}, ${linker}`);
  }
}
