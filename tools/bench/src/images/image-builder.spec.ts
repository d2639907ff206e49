import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { builderCalls, IMAGE_BUILDER } from 'test-bed';

let home: string;
let env: NodeJS.ProcessEnv;

/** A podman that tells what it was asked for. */
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'builder-'));
  mkdirSync(join(home, 'bin'));
  podman('echo "$HTTPS_PROXY $SSL_CERT_FILE $*"');
  env = {
    PATH: [join(home, 'bin'), process.env['PATH']].join(delimiter),
    XDG_RUNTIME_DIR: home,
    NX_CDK_REGISTRY_PROXY: 'http://127.0.0.1:1',
    NX_CDK_CA_FILE: '/tls/ca.pem',
  };
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

test('images are kept in the folder, and calls are written down', async () => {
  const told = execFileSync(IMAGE_BUILDER, ['build', '.'], { encoding: 'utf8', env });
  expect(told).toContain(`--root ${join(home, 'containers', 'root')}`);
  expect(told).toContain('build .');
  expect(await builderCalls(home)).toEqual(['build']);
  expect(await builderCalls(home)).toEqual([]);
});

test('the registries are those of the local AWS', () => {
  for (const call of ['push', 'login'])
    expect(execFileSync(IMAGE_BUILDER, [call], { encoding: 'utf8', env })).toContain('http://127.0.0.1:1 /tls/ca.pem');
});

test('logins take turns, and one that fails lets the next one in', () => {
  podman('exit 7');
  const login = () => execFileSync(IMAGE_BUILDER, ['login'], { env, stdio: 'ignore', timeout: 60_000 });
  for (const attempt of [login, login]) expect(attempt).toThrow(expect.objectContaining({ status: 7 }));
});

function podman(script: string): void {
  writeFileSync(join(home, 'bin', 'podman'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(home, 'bin', 'podman'), 0o755);
}
