/**
 * Entry of `npm start` and `npm test`. Plain JavaScript without dependencies, since it runs before anything is
 * installed and on whatever Node (20 or later) the machine has: it installs what is missing, then hands over to the
 * Node that the workspace pins.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const stamp = join(root, 'node_modules', '.installed');
const pinnedNode = join(root, 'node_modules', 'node', 'bin', 'node');
const windows = process.platform === 'win32';

const [script, ...args] = process.argv.slice(2);
if (!['start', 'test'].includes(script)) fail(`Usage: node tools/workspace/run.mjs start|test [options]`);
if (Number(process.versions.node.split('.')[0]) < 20) {
  fail(`Node ${process.versions.node} is too old: install Node 20 or later and run npm ${script} again.`);
}
install();
const { status, signal } = spawnSync(
  windows ? `${pinnedNode}.exe` : pinnedNode,
  [join(root, 'tools', 'workspace', 'src', `${script}.ts`), ...args],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: [join(root, 'node_modules', '.bin'), process.env.PATH].join(windows ? ';' : ':') },
  },
);
process.exit(signal === null ? (status ?? 1) : 130);

/** Installs when the lockfile is not the one that was installed last. */
function install() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && existsSync(pinnedNode) && readFileSync(stamp, 'utf8') === wanted) return;
  console.log('Installing packages (npm ci) ...');
  // An app that was dropped into apps/ is not in the lockfile yet, which npm ci refuses; npm install takes it and what
  // the lockfile pins.
  if (npm('ci') !== 0 && npm('install', '--no-save') !== 0) {
    fail(
      "npm cannot install the packages, see above: check the network and npm's registry, then run the same command again.",
    );
  }
  if (!existsSync(pinnedNode)) {
    fail(
      'The install script of the package "node", which brings the pinned Node, did not run: allow install scripts (npm config get ignore-scripts) and run the same command again.',
    );
  }
  writeFileSync(stamp, wanted);
}

function npm(...args) {
  const options = { cwd: root, stdio: 'inherit', shell: windows };
  const result = spawnSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], options);
  if (result.error !== undefined) fail(`npm cannot be started: ${result.error.message}.`);
  if (result.signal !== null) process.exit(130);
  return result.status;
}

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
