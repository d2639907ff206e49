import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyWorkspace } from 'test-bed';

let folder: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'scratch-')));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a copy has what git knows or would know, the packages, and links to its own projects', async () => {
  const source = join(folder, 'source');
  const write = (file: string, content: string) => {
    mkdirSync(join(source, file, '..'), { recursive: true });
    writeFileSync(join(source, file), content);
  };
  write('.gitignore', 'node_modules\ncdk.out\n');
  write('tools/plugin/index.js', 'committed');
  write('apps/app/cdk.out/manifest.json', 'output');
  write('node_modules/some-package/index.js', 'package');
  symlinkSync('../tools/plugin', join(source, 'node_modules', 'plugin'));
  execFileSync('git', ['init', '--quiet'], { cwd: source });
  execFileSync('git', ['add', '.'], { cwd: source });
  write('apps/new/index.js', 'not added');

  const copy = join(folder, 'copy');
  await copyWorkspace(source, copy);

  expect(readFileSync(join(copy, 'apps/new/index.js'), 'utf8')).toBe('not added');
  expect(readFileSync(join(copy, 'node_modules/some-package/index.js'), 'utf8')).toBe('package');
  expect(realpathSync(join(copy, 'node_modules/plugin/index.js'))).toBe(join(copy, 'tools/plugin/index.js'));
  expect(existsSync(join(copy, 'apps/app/cdk.out'))).toBe(false);
});
