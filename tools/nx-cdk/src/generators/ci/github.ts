import { DIFF_REPORTS } from '@libs/environments';
import type { NodeVersion } from './node-version.ts';
import type { CiSettings, CiStage } from './settings.ts';
import { ARCHIVE, block, COMMENT, deploy, HAND_OVER, HANDOVER, synth, synthForDiff, UNPACK } from './shell.ts';

/** Actions by the commit of a release: a tag can be moved to other code, a commit cannot. */
const ACTIONS = {
  checkout: 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1',
  setupNode: 'actions/setup-node@820762786026740c76f36085b0efc47a31fe5020 # v7.0.0',
  upload: 'actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f # v7.0.0',
  download: 'actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c # v8.0.1',
  awsCredentials: 'aws-actions/configure-aws-credentials@e6de054238d6b7531b4efff3b6587d9aade6a06c # v6.2.3',
} as const;

const RUNNER = 'ubuntu-24.04';

/**
 * How long a workspace is kept, in days: as long as a deployment may wait for its approval
 * (https://docs.github.com/actions/reference/limits).
 */
const KEPT_FOR = 30;

/** The workflows of GitHub Actions, by file. */
export function gitHubFiles(settings: CiSettings, node: NodeVersion): Record<string, string> {
  return {
    '.github/workflows/deploy.yml': deployWorkflow(settings, node),
    '.github/workflows/diff.yml': diffWorkflow(settings, node),
  };
}

function deployWorkflow(settings: CiSettings, node: NodeVersion): string {
  const { branch, stages } = settings;
  return `${header(settings)}
name: deploy

on:
  push:
    branches: [${branch}]

permissions: {}

defaults:
  run:
    shell: bash

# One deployment at a time; one that runs is never cancelled.
concurrency:
  group: deploy
  cancel-in-progress: false

jobs:
${synthJob(synth(settings), KEPT_FOR, node)}

  publish:
    needs: synth
    runs-on: ${RUNNER}
    timeout-minutes: 60
    permissions:
      id-token: write
    steps:
${unpackSteps(node)}
${credentialsStep(settings, settings.publish.roleArn)}
      - name: Publish
        run: |
${block(settings.publish.commands(), 10)}

${stages.map((stage, index) => deployJob(settings, stage, stages[index - 1], node)).join('\n\n')}
`;
}

function deployJob(settings: CiSettings, stage: CiStage, before: CiStage | undefined, node: NodeVersion): string {
  const hasTargets = stage.jobs.some(({ targets }) => targets !== undefined);
  const groups = stage.jobs.map(({ group, roleArn, targets }) =>
    block([`- group: ${group}`, `  role: ${roleArn}`, ...(targets === undefined ? [] : [`  targets: ${targets}`])], 10),
  );
  return `  deploy-${stage.name}:
    needs: ${before === undefined ? 'publish' : `[publish, deploy-${before.name}]`}
    runs-on: ${RUNNER}
    timeout-minutes: 360
    # Its protection rules say who approves${stage.approval ? '' : ', if anybody,'} and which branches may deploy.
    environment: ${stage.name}
    permissions:
      id-token: write
    strategy:
      fail-fast: false
      matrix:
        include:
${groups.join('\n')}
    steps:
${unpackSteps(node)}
${credentialsStep(settings, '${{ matrix.role }}')}
      - name: Deploy
        env:
          GROUP: \${{ matrix.group }}${hasTargets ? '\n          TARGETS: ${{ matrix.targets }}' : ''}
        run: |
${block(deploy(settings, stage), 10)}`;
}

function diffWorkflow(settings: CiSettings, node: NodeVersion): string {
  return `${header(settings)}
name: diff

on:
  pull_request:
    branches: [${settings.branch}]

permissions: {}

defaults:
  run:
    shell: bash

concurrency:
  group: diff-\${{ github.event.pull_request.number }}
  cancel-in-progress: true

jobs:
${synthJob(synthForDiff(settings), 1, node)}

  diff:
    needs: synth
    # GitHub gives a fork no token, and this role is not for its code.
    if: github.event.pull_request.head.repo.full_name == github.repository
    runs-on: ${RUNNER}
    timeout-minutes: 60
    permissions:
      id-token: write
    steps:
${unpackSteps(node)}
${credentialsStep(settings, settings.diff.roleArn)}
      - name: Diff
        env:
          BASE: \${{ github.event.pull_request.base.sha }}
        run: |
${block(settings.diff.commands(), 10)}
      - uses: ${ACTIONS.upload}
        if: \${{ !cancelled() }}
        with:
          name: diff
          path: ${DIFF_REPORTS}
          if-no-files-found: error
          retention-days: 1

  comment:
    needs: diff
    # Also where some stack could not be compared: the comment says which.
    if: \${{ !cancelled() && needs.diff.result != 'skipped' }}
    runs-on: ${RUNNER}
    timeout-minutes: 10
    permissions:
      pull-requests: write
    steps:
${unpackSteps(node)}
      - uses: ${ACTIONS.download}
        with:
          name: diff
          path: ${DIFF_REPORTS}
      - name: Comment
        env:
          GITHUB_TOKEN: \${{ github.token }}
        run: |
${block(COMMENT, 10)}
`;
}

function header({ environmentsFile }: CiSettings): string {
  return `# Made by \`nx g nx-cdk:ci github\`: run it again after a change of ${environmentsFile}; git diff shows what it changes.`;
}

function synthJob(synth: readonly string[], days: number, { exact }: NodeVersion): string {
  return `  # No role and no token: what is installed and synthesized here has nothing to steal.
  synth:
    runs-on: ${RUNNER}
    timeout-minutes: 60
    permissions:
      contents: read
    steps:
      - uses: ${ACTIONS.checkout}
        with:
          # Without its history, everything would count as affected.
          fetch-depth: 0
          persist-credentials: false
      - uses: ${ACTIONS.setupNode}
        with:
          node-version: ${exact}
          package-manager-cache: false
      - name: Synthesize
        run: |
${block(synth, 10)}
      - name: Hand over
        run: |
${block(HAND_OVER, 10)}
      - uses: ${ACTIONS.upload}
        with:
          name: workspace
          path: ${HANDOVER}/${ARCHIVE}
          if-no-files-found: error
          retention-days: ${days}
          compression-level: 0`;
}

function unpackSteps({ exact }: NodeVersion): string {
  return `      - uses: ${ACTIONS.setupNode}
        with:
          node-version: ${exact}
          package-manager-cache: false
      - uses: ${ACTIONS.download}
        with:
          name: workspace
          path: ${HANDOVER}
      - name: Unpack
        run: |
${block(UNPACK, 10)}`;
}

function credentialsStep({ region }: CiSettings, role: string): string {
  return `      - uses: ${ACTIONS.awsCredentials}
        with:
          role-to-assume: ${role}
          aws-region: ${region}`;
}
