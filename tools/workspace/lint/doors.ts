import { dirname, relative, resolve } from 'node:path';
import type { Rule } from 'eslint';
import { KEPT_APART, KNOWS_NX, ROOMS, ROOMS_FOLDER } from './rooms.ts';

const folder = resolve(import.meta.dirname, '../../..', ROOMS_FOLDER);

/**
 * ESLint rule: a room imports other rooms only through their door (`index.ts`), and only those that the table grants.
 * It sees static and dynamic imports, exports from another file and `import('...')` types alike.
 */
const doors: Rule.RuleModule = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      behind: '{{target}} is behind the door of its room: import {{room}}/index.ts.',
      notGranted: '{{from}} may not import {{room}}: tools/workspace/lint/rooms.ts grants it {{granted}}.',
      apart: '{{from}} may not import from {{target}}: what two of them share belongs to a room of its own.',
      nx: '{{from}} knows nothing of Nx: move this to {{knowing}}.',
      unknown: '{{from}} is not in the table of rooms: add it to tools/workspace/lint/rooms.ts.',
      inside: '{{target}} is inside the plugin: import what its package.json exports.',
      computed: 'Lint cannot see where a computed import goes: import a literal path.',
    },
  },
  create(context) {
    const [from = '', fromFolder] = placeIn(folder, context.filename);
    if (from === '..') {
      return onImports((specifier, report) => {
        if (String(specifier).startsWith('nx-cdk/src/')) report('inside', { target: String(specifier) });
      });
    }
    const granted = ROOMS[from];
    if (granted === undefined) {
      return { Program: (node) => context.report({ node, messageId: 'unknown', data: { from } }) };
    }
    return onImports((specifier, report) => {
      if (typeof specifier !== 'string') return report('computed');
      if (/^@?nx(\/|$)/.test(specifier) && !KNOWS_NX.includes(from)) {
        return report('nx', { from, knowing: KNOWS_NX.join(', ') });
      }
      if (!specifier.startsWith('.')) return;
      const to = placeIn(folder, resolve(dirname(context.filename), specifier));
      const [room = '', file, inFolder] = to;
      const target = to.join('/');
      if (room === '..') return;
      if (room === from) {
        const isDoor = inFolder !== undefined && inFolder === KEPT_APART[room];
        if (room in KEPT_APART && file !== fromFolder && !isDoor) report('apart', { from, target });
      } else if (!granted.includes(room)) {
        report('notGranted', { from, room, granted: granted.join(', ') || 'nothing' });
      } else if (file !== 'index.ts') {
        report('behind', { room, target });
      }
    });

    /** Calls `check` for each import of the file, static and dynamic, of values and of types. */
    function onImports(
      check: (specifier: unknown, report: (messageId: string, data?: Record<string, string>) => void) => void,
    ): Rule.RuleListener {
      return {
        'ImportDeclaration, ExportNamedDeclaration, ExportAllDeclaration, ImportExpression, TSImportType': (
          node: Rule.Node & { source?: { value?: unknown } | null },
        ) => {
          if (node.source) check(node.source.value, (messageId, data) => context.report({ node, messageId, data }));
        },
      };
    }
  },
};

function placeIn(root: string, file: string): string[] {
  return relative(root, file).split(/[\\/]/);
}

export default { rules: { doors } };
