import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { makeBuilder } from './builder.ts';

const aws = { registryProxy: 'http://127.0.0.1:1', caFile: '/tls/ca.pem' };
let folder: string;
let env: NodeJS.ProcessEnv;

/** A podman that tells what it was asked for. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'builder-'));
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin', 'podman'), '#!/bin/sh\necho "$HTTPS_PROXY $SSL_CERT_FILE $*"\n');
  chmodSync(join(folder, 'bin', 'podman'), 0o755);
  env = { ...process.env, PATH: [join(folder, 'bin'), process.env['PATH']].join(delimiter) };
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('images are kept in the folder, and calls are written down', async () => {
  const builder = await makeBuilder(join(folder, 'builder'), aws, env);
  const told = execFileSync(builder.program, ['build', '.'], { encoding: 'utf8', env });
  expect(told).toContain(`--root ${join(folder, 'builder', 'root')}`);
  expect(told).toContain('build .');
  expect(await builder.calls()).toEqual(['build']);
  expect(await builder.calls()).toEqual([]);
});

test('only a push and a login go to the registries of the local AWS', async () => {
  const { program } = await makeBuilder(join(folder, 'builder'), aws, env);
  for (const call of ['push', 'login'])
    expect(execFileSync(program, [call], { encoding: 'utf8', env })).toContain('http://127.0.0.1:1 /tls/ca.pem');
  expect(execFileSync(program, ['build'], { encoding: 'utf8', env })).not.toContain('127.0.0.1');
});

test('logins take turns, and one that fails lets the next one in', async () => {
  const { program } = await makeBuilder(join(folder, 'builder'), aws, env);
  writeFileSync(join(folder, 'bin', 'podman'), '#!/bin/sh\nexit 7\n');
  const login = () => execFileSync(program, ['login'], { env, stdio: 'ignore', timeout: 10_000 });
  for (const attempt of [login, login]) expect(attempt).toThrow(expect.objectContaining({ status: 7 }));
});

test('without a podman that works, one sentence says so', async () => {
  writeFileSync(join(folder, 'bin', 'podman'), '#!/bin/sh\nexit 1\n');
  await expect(makeBuilder(join(folder, 'builder'), aws, env)).rejects.toThrow('podman does not work here');
});
