import { join, resolve } from 'node:path';
import { RuleTester } from 'eslint';
import tseslint from 'typescript-eslint';
import rooms from './doors.ts';

const source = resolve(import.meta.dirname, '../../nx-cdk/src');
const inDeploy = join(source, 'deploy/deploy.ts');
const inPublish = join(source, 'executors/publish/executor.ts');
const inPreset = join(source, 'generators/preset/generator.ts');

new RuleTester({ languageOptions: { parser: tseslint.parser } }).run('rooms/doors', rooms.rules.doors, {
  valid: [
    { name: 'a door that is granted', filename: inDeploy, code: "import { x } from '../aws/index.ts';" },
    { name: 'a file of the same room', filename: inDeploy, code: "import { x } from './pending.ts';" },
    { name: 'a door from an executor', filename: inPublish, code: "await import('../../publish/index.ts');" },
    { name: 'another generator', filename: inPreset, code: "import run from '../init/generator.ts';" },
    { name: 'Nx in an executor', filename: inPublish, code: "import { workspaceRoot } from '@nx/devkit';" },
    { name: 'what the plugin exports', filename: '/elsewhere/x.ts', code: "import { x } from 'nx-cdk/failure';" },
  ],
  invalid: [
    ...[
      "import { x } from '../aws/clients.ts';",
      "import type { X } from '../aws/clients.ts';",
      "export { x } from '../aws/clients.ts';",
      "export * from '../aws/clients.ts';",
      "await import('../aws/clients.ts');",
      "type X = import('../aws/clients.ts').X;",
    ].map((code) => ({
      name: `a file behind a door: ${code}`,
      filename: inDeploy,
      code,
      errors: [{ messageId: 'behind' }],
    })),
    {
      name: 'a door that is not granted',
      filename: inDeploy,
      code: "import { x } from '../cli/index.ts';",
      errors: [{ messageId: 'notGranted' }],
    },
    {
      name: 'one executor from another',
      filename: inPublish,
      code: "import { x } from '../deploy/executor.ts';",
      errors: [{ messageId: 'apart' }],
    },
    {
      name: 'what is behind the door of another generator',
      filename: inPreset,
      code: "import { x } from '../pipeline/source.ts';",
      errors: [{ messageId: 'apart' }],
    },
    {
      name: 'Nx in a room that runs without it',
      filename: inDeploy,
      code: "import type { ExecutorContext } from '@nx/devkit';",
      errors: [{ messageId: 'nx' }],
    },
    {
      name: 'an import that nobody can follow',
      filename: inDeploy,
      code: 'await import(somewhere);',
      errors: [{ messageId: 'computed' }],
    },
    {
      name: 'a room that is not in the table',
      filename: join(source, 'unheard-of/x.ts'),
      code: '',
      errors: [{ messageId: 'unknown' }],
    },
    {
      name: 'the inside of the plugin from another project',
      filename: '/elsewhere/x.ts',
      code: "import { x } from 'nx-cdk/src/aws/clients.ts';",
      errors: [{ messageId: 'inside' }],
    },
  ],
});
