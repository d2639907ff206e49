/**
 * Entry of `npm start`, `npm test` and `npm run matrix`. Plain JavaScript without dependencies, since it runs before
 * anything is installed, on whatever Node (20 or later) the machine has: it installs what is missing, then hands over
 * to the Node that the workspace pins. Where there is no package of that Node, the machine's own has to be as new.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const stamp = join(root, 'node_modules', '.installed');
const pinnedNode = join(root, 'node_modules', '.bin', 'node');
const windows = process.platform === 'win32';

const [script, ...args] = process.argv.slice(2);
if (!['start', 'test', 'matrix'].includes(script))
  fail(`Usage: node tools/workspace/run.mjs start|test|matrix [options]`);
requireNode(20);
install();
if (!existsSync(pinnedNode)) requireNode(24);
const { status, signal } = spawnSync(
  existsSync(pinnedNode) ? pinnedNode : process.execPath,
  [join(root, 'tools', 'workspace', 'src', `${script}.ts`), ...args],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: [join(root, 'node_modules', '.bin'), process.env.PATH].join(windows ? ';' : ':') },
  },
);
process.exit(signal === null ? (status ?? 1) : 130);

function requireNode(major) {
  if (Number(process.versions.node.split('.')[0]) >= major) return;
  fail(`Node ${process.versions.node} is too old: install Node ${major} or later and run npm ${script} again.`);
}

/** Installs when the lockfile is not the one that was installed last. */
function install() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.log('Installing packages (npm ci) ...');
  // An app that was dropped into apps/ is not in the lockfile yet, which npm ci refuses; npm install takes it and what
  // the lockfile pins.
  // No script of a package is needed, so none is run.
  if (npm('ci', '--ignore-scripts') !== 0 && npm('install', '--no-save', '--ignore-scripts') !== 0) {
    fail(
      "npm cannot install the packages, see above: check the network and npm's registry, then run the same command again.",
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
