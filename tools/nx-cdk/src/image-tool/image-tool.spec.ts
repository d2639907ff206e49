import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findImageTool, whyNoImageTool } from './image-tool.ts';

const folder = mkdtempSync(join(tmpdir(), 'nx-cdk-tools-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the tool that builds', () => {
  test('is the first one that works: a client without an engine does not', async () => {
    const path = toolsThat({ docker: 'echo Cannot connect to the daemon >&2; exit 1', podman: 'exit 0' });
    expect(await findImageTool({ PATH: path })).toBe('podman');
  });

  test('is what CDK_DOCKER names, and nothing else is asked', async () => {
    const path = toolsThat({ docker: 'exit 0' });
    const named = { PATH: path, CDK_DOCKER: '/opt/buildah' };
    expect(await findImageTool(named)).toBe('/opt/buildah');
  });

  test('is asked for in one sentence that says what was tried, where none works', async () => {
    const path = toolsThat({ docker: 'exit 1' });
    await expect(findImageTool({ PATH: path })).rejects.toMatchObject({
      code: 'NoImageTool',
      message:
        'No tool that builds images works here (docker is installed but does not answer, podman is not installed, buildah is not installed, ' +
        'finch is not installed): install one or start its engine, or name one in CDK_DOCKER, then publish again.',
    });
  });
});

describe('whether images can be built, asked beforehand', () => {
  test('is no question where some tool works', async () => {
    const path = toolsThat({ docker: 'exit 1', podman: 'exit 0' });
    expect(await whyNoImageTool({ PATH: path })).toBeUndefined();
  });

  test('is answered by what CDK_DOCKER names alone', async () => {
    const path = toolsThat({ podman: 'exit 0', named: 'exit 1' });
    expect(await whyNoImageTool({ PATH: path, CDK_DOCKER: 'named' })).toBe(
      'no tool that builds images works here (named is installed but does not answer)',
    );
  });

  test('names what was tried', async () => {
    expect(await whyNoImageTool({ PATH: toolsThat({ docker: 'exit 1' }) })).toMatch(
      /^no tool that builds images works here \(docker is installed but does not answer, podman is not installed, /,
    );
  });
});

/** A folder with tools, for PATH. */
function toolsThat(lines: Record<string, string>): string {
  const path = mkdtempSync(join(folder, 'path-'));
  for (const [name, line] of Object.entries(lines)) {
    writeFileSync(join(path, name), `#!/bin/sh\n${line}\n`);
    chmodSync(join(path, name), 0o755);
  }
  return path;
}
