import { planAsMarkdown } from './markdown.ts';
import { change, EXAMPLE, plannedDeletion, plannedStack, planOf } from './testing/plans.ts';

const DIGEST = 'b'.repeat(64);
/** Characters of a comment on GitHub. */
const LIMIT = 65_536;

test('names outputs that change, as text', () => {
  const outputs = { added: ['<b>'], changed: [], removed: Array.from({ length: 22 }, (_, index) => `Out${index}`) };
  const markdown = planAsMarkdown(planOf(plannedStack('Data', { outputs })), 'b'.repeat(64));
  expect(markdown).toContain('Outputs added: <code>&#60;b&#62;</code>; Outputs removed: <code>Out0</code>, ');
  expect(markdown).toContain('<code>Out19</code> and 2 more');
});

test('a plan is a table of all stacks, and each one that changes folded away below', () => {
  expect(planAsMarkdown(EXAMPLE, DIGEST))
    .toBe(`**Plan for <code>infra</code>**: plan <code>bbbbbbbbbbbb</code>, release <code>aaaaaaaaaaaa</code>

Deploy it, and nothing else, with <code>--planDigest=${DIGEST}</code>.

| Stack | Where | Action | Add | Change | Replace | Remove | Attention |
| --- | --- | --- | --: | --: | --: | --: | --- |
| <code>staging/Data</code> | <code>111111111111/eu-west-1</code> | update | 1 |  | 1 | 1 | **data loss**, **replaces**, **removes** |
| <code>staging/Service</code> | <code>111111111111/eu-west-1</code> | create | 1 |  |  |  | **allows more** |
| <code>prod/Data</code> | <code>222222222222/us-east-1</code> | unchanged |  |  |  |  |  |

<details>
<summary><code>staging/Data</code>: update, 1 added, 1 replaced, 1 removed <b>data loss, replaces, removes</b></summary>

<code>template differs</code>

| What | Resource | Type | Data | Properties |
| --- | --- | --- | --- | --- |
| replace | <code>Orders</code> | <code>AWS::DynamoDB::Table</code> | **data is lost** | <code>KeySchema</code> |
| remove | <code>Uploads</code> | <code>AWS::S3::Bucket</code> | data is kept |  |
| add | <code>Jobs</code> | <code>AWS::SQS::Queue</code> |  |  |

</details>

<details>
<summary><code>staging/Service</code>: create, 1 added <b>allows more</b></summary>

| What | Resource | Type | Data | Properties |
| --- | --- | --- | --- | --- |
| add | <code>Role</code> | <code>AWS::IAM::Role</code> |  |  |

**Allows more than now**

\`\`\`diff
+ Allow sqs:* on \${Queue.Arn} to \${Role}
- Allow sqs:ReceiveMessage on \${Queue.Arn} to \${Role}  (not more than now)
\`\`\`

</details>
`);
});

describe('what came from a template', () => {
  const evil =
    '</code></summary> | **approved** | @everyone #1 `x`\n| a | [b](https://evil.example) <img src=x> $x$ www.evil.example';
  const stack = plannedStack('Data', {
    changes: [change(evil, { properties: [evil] })],
    permissions: { widened: true, lines: [{ widens: true, text: `+ ${evil}\n\`\`\`\`\n@everyone` }] },
  });
  const text = planAsMarkdown(planOf(stack), DIGEST);
  const row = text.split('\n').find((line) => line.startsWith('| change'))!;

  test('stays in its cell, as code, and neither formats, links nor mentions', () => {
    // the cells of the table are those that we made
    expect(row.split('|')).toHaveLength(7);
    for (const cell of row.matchAll(/<code>(.*?)<\/code>/g)) expect(cell[1]).toMatch(/^[A-Za-z0-9 /:.,;=+&#-]*$/);
    expect(row).not.toMatch(/@|`|\*|\[|<img|\$|https:\/\/|www\./);
    expect(row).toContain('&#64;everyone');
  });

  test('does not end the block of what is allowed', () => {
    // The line is one line, and no run of backticks in it is as long as the fence.
    expect(text).toMatch(/\n`{5}diff\n\+ .*```` @everyone\n`{5}\n/);
  });
});

describe('what the rules of the workspace say', () => {
  const violation = { rule: 'deletes-stateful', stack: 'Data', resource: 'Data/Orders', what: 'is @deleted' } as const;
  const verdict = { refused: [violation], accepted: [{ ...violation, reason: '*moved*', until: '2026-12-31' }] };

  test('stands first, as code, and a refused plan names no way to deploy it', () => {
    const text = planAsMarkdown({ ...planOf(plannedStack('Data')), verdict }, DIGEST);
    expect(text).toContain('**Refused by the rules of the workspace, so it cannot be deployed:**\n\n- <code>Data: ');
    expect(text).toMatch(
      /- <code>Data: deletes-stateful, accepted until 2026-12-31 &#40;&#42;moved&#42;&#41;: Data\/Orders/,
    );
    expect(text).not.toMatch(/@deleted|--planDigest/);
    const accepted = planAsMarkdown({ ...EXAMPLE, verdict: { ...verdict, refused: [] } }, DIGEST);
    expect(accepted).toContain('--planDigest');
    expect(accepted).not.toContain('Refused');
  });

  test('fits into a comment, whatever it is', () => {
    const many = Array.from({ length: 5_000 }, () => violation);
    const text = planAsMarkdown({ ...EXAMPLE, verdict: { refused: many, accepted: [] } }, DIGEST);
    expect(text.length).toBeLessThan(65_536);
    expect(text).toMatch(/\*\*\d+ more\*\* are in the JSON of the plan\./);
  });
});

describe('a plan that is too long for a comment', () => {
  const many = Array.from({ length: 500 }, (_, index) =>
    change(`Resource${index}`, { action: 'Add', constructPath: `Big/${'Construct/'.repeat(20)}${index}` }),
  );

  test('cuts the resources of a stack, and says how many; what is lost is never cut first', () => {
    const lost = change('Orders', { action: 'Remove', resourceType: 'AWS::DynamoDB::Table', data: 'lost' });
    const text = planAsMarkdown(planOf(plannedStack('Big', { changes: [...many, lost] })), DIGEST);
    expect(text.length).toBeLessThanOrEqual(LIMIT);
    expect(text).toMatch(/\| remove \| <code>Orders<\/code> .*\*\*data is lost\*\*/);
    const [, left] = /\*\*(\d+) more resources\*\* are in the JSON of the plan/.exec(text)!;
    expect(text.match(/^\| (add|remove) /gm)!.length + Number(left)).toBe(501);
  });

  test('cuts what is allowed, and says how many lines; what widens comes first', () => {
    const lines = [
      ...Array.from({ length: 400 }, (_, index) => ({
        widens: false,
        text: `- Allow a:${index} on ${'x'.repeat(200)} to y`,
      })),
      { widens: true, text: '+ Allow everything' },
    ];
    const text = planAsMarkdown(planOf(plannedStack('Big', { permissions: { widened: true, lines } })), DIGEST);
    expect(text.length).toBeLessThanOrEqual(LIMIT);
    expect(text).toMatch(/diff\n\+ Allow everything\n/);
    expect(text).toMatch(/\*\*\d+ more lines\*\* are in the JSON of the plan/);
  });

  test('leaves out whole stacks, and names them; those that need attention stay', () => {
    const changes = many.slice(0, 40);
    const calm = Array.from({ length: 30 }, (_, index) => plannedStack(`Calm${index}`, { changes }));
    const risky = plannedStack('Risky', { changes: [change('Orders', { replacement: 'always', data: 'lost' })] });
    const text = planAsMarkdown(planOf(...calm, risky), DIGEST);
    expect(text.length).toBeLessThanOrEqual(LIMIT);
    expect(text).toMatch(/<summary><code>Risky<\/code>/);
    expect(text).toMatch(
      /\*\*Not shown here, to fit into a comment:\*\* <code>Calm\d+<\/code>, .* and \d+ more\. They are in the JSON/,
    );
  });

  test('cuts the table too, where there are a thousand stacks: those that stay as they are first', () => {
    const unchanged = Array.from({ length: 1000 }, (_, index) =>
      plannedStack(`Same${index}`, { outcome: 'unchanged' }),
    );
    const text = planAsMarkdown(planOf(...unchanged, plannedStack('Last')), DIGEST);
    expect(text.length).toBeLessThanOrEqual(LIMIT);
    expect(text).toMatch(/^\| <code>Last<\/code>/m);
    expect(text).toMatch(/\*\*\d+ more stacks are not in this table, 0 of them change\.\*\*/);
  });

  test('cuts a name that would fill it', () => {
    const text = planAsMarkdown(planOf(plannedStack('Data', { changes: [change('x'.repeat(100_000))] })), DIGEST);
    expect(text.length).toBeLessThan(3000);
    expect(text).toContain('x…');
  });
});

test('names what was left behind, and says that the plan leaves it alone', () => {
  const left = {
    stackName: 'staging-<b>Old',
    account: '111111111111',
    region: 'eu-west-1',
    status: 'UPDATE_ROLLBACK_COMPLETE',
    deployedAt: '2026-01-01T10:00:00Z',
  };
  const text = planAsMarkdown({ ...EXAMPLE, leftBehind: [left] }, DIGEST);
  expect(text).toContain(
    '**1 stack was left behind: the app deployed it, and does not hold it any more.** This plan leaves it alone.\n\n' +
      '- <code>staging-&#60;b&#62;Old in 111111111111/eu-west-1, last deployed 2026-01-01T10:00:00Z, UPDATE&#95;ROLLBACK&#95;COMPLETE</code>\n',
  );

  const many = Array.from({ length: 1000 }, () => left);
  const long = planAsMarkdown({ ...EXAMPLE, leftBehind: many }, DIGEST);
  expect(long.length).toBeLessThan(64_000);
  expect(long).toMatch(/\*\*\d+ more\*\* are in the JSON of the plan/);
});

test('names each deletion in a table and below it, and never more than fits into a comment', () => {
  const text = planAsMarkdown({ ...EXAMPLE, deletions: [plannedDeletion('staging|Old')] }, DIGEST);
  expect(text).toContain('**1 stack was left behind and is deleted:**');
  expect(text).toMatch(/^\| <code>staging&#124;Old<\/code> \| .* \| \*\*deletes\*\*, \*\*data loss\*\* \|$/m);
  expect(text).toMatch(
    /^<summary><code>staging&#124;Old<\/code>: delete, 1 resource, 1 stays; .*<b>deletes, data loss<\/b>/m,
  );
  expect(text).toMatch(/^\| remove \| <code>Orders<\/code> .* \*\*data is lost\*\* \|/m);

  const many = Array.from({ length: 2000 }, (_, index) => plannedDeletion(`staging-Old${index}`));
  const long = planAsMarkdown({ ...EXAMPLE, deletions: many }, DIGEST);
  expect(long.length).toBeLessThan(64_000);
  expect(long).toMatch(/\*\*\d+ more stacks to delete\*\* are in the JSON of the plan/);
  expect(long).toMatch(/\*\*Not shown here, to fit into a comment:\*\*/);
});
