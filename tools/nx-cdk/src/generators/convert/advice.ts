import type { App } from './app.ts';

/** What a person writes into an app whose shape is not known, in its language. */
export function adviceFor({ entry = '', environmentsFile }: App): string {
  return [
    'Write this yourself. In cdk.json:',
    '',
    `  "context": { "nx-cdk:environments": "${environmentsFile}" }`,
    '',
    'And where the app makes its stacks, make them in a stage that is called as the environment:',
    '',
    ...(entry.endsWith('.py') ? PYTHON : TYPESCRIPT).map((line) => `  ${line}`.trimEnd()),
    '',
  ].join('\n');
}

const TYPESCRIPT = [
  `import { readEnvironments } from '@nx-cdk/environments';`,
  '',
  `for (const { name, targets } of readEnvironments(app.node.tryGetContext('nx-cdk:environments')).environments) {`,
  '  const stage = new cdk.Stage(app, name);',
  '  for (const { account, region } of targets) {',
  '    new ShopStack(stage, `Shop-${account}-${region}`, {',
  '      env: { account, region },',
  `      stackName: 'ShopStack', // the name that it has now, so that what is deployed stays the same stack`,
  '    });',
  '  }',
  '}',
];

const PYTHON = [
  'import json',
  '',
  'with open(app.node.try_get_context("nx-cdk:environments"), encoding="utf-8") as file:',
  '    environments = json.load(file)["environments"]',
  '',
  'for environment in environments:',
  '    stage = cdk.Stage(app, environment["name"])',
  '    for target in environment["targets"]:',
  '        account, region = target["account"], target["region"]',
  '        ShopStack(stage, f"Shop-{account}-{region}",',
  '            env=cdk.Environment(account=account, region=region),',
  '            stack_name="ShopStack",  # the name that it has now, so that what is deployed stays the same stack',
  '        )',
];
