import { DIFF_REPORTS } from '@libs/environments';
import type { NodeVersion } from './node-version.ts';
import type { CiSettings, CiStage } from './settings.ts';
import {
  ARCHIVE,
  block,
  COMMENT,
  COMPILERS,
  deploy,
  HAND_OVER,
  HANDOVER,
  imageBuilder,
  NPM_CACHE,
  synth,
  synthForDiff,
  UNPACK,
  webIdentity,
} from './shell.ts';

/**
 * Names repository and branch beside the project; see
 * https://circleci.com/docs/guides/permissions-authentication/openid-connect-tokens/.
 */
const TOKEN = 'CIRCLE_OIDC_TOKEN_V2';

const CACHE_KEY = 'npm-v1-{{ checksum "package-lock.json" }}';

/** The configuration of CircleCI, by file. */
export function circleCiFiles(settings: CiSettings, node: NodeVersion): Record<string, string> {
  return { '.circleci/config.yml': config(settings, node) };
}

function config(settings: CiSettings, node: NodeVersion): string {
  const { branch, stages, environmentsFile } = settings;
  return `# Made by \`nx g nx-cdk:ci circleci\`: run it again after a change of ${environmentsFile}; git diff shows what it changes.
version: 2.1

executors:
  node:
    docker:
      # Only to begin with: the workspace brings the Node that it has pinned.
      - image: node:${node.major}-trixie

jobs:
  # No role: what is installed and synthesized here has nothing to steal.
  synth:
    executor: node
    steps:
      - checkout:
          # Without its history, everything would count as affected.
          method: full
      - restore_cache:
          keys:
            - '${CACHE_KEY}'
${run('Synthesize', [...COMPILERS, ...synth(settings)])}
      - save_cache:
          key: '${CACHE_KEY}'
          paths: [${NPM_CACHE}]
${handOver()}

  publish:
    executor: node
    environment:
      AWS_REGION: ${settings.region}
      AWS_ROLE_ARN: ${settings.publish.roleArn}
    steps:${settings.images ? '\n      # An engine that builds images, on a machine of its own.\n      - setup_remote_docker' : ''}
${unpack()}
${run('Publish', [...imageBuilder(settings), ...webIdentity(TOKEN), ...settings.publish.commands()])}

${stages.map((stage) => deployJob(settings, stage)).join('\n\n')}

  # Keeps nothing in the cache: branches share it with the one that is deployed.
  synth-branch:
    executor: node
    steps:
      - checkout:
          method: full
      - restore_cache:
          keys:
            - '${CACHE_KEY}'
${run('Synthesize', [...COMPILERS, ...synthForDiff(settings)])}
${run('Find the base', [`git merge-base HEAD origin/${branch} > base.txt`])}
${handOver()}

  diff:
    executor: node
    environment:
      AWS_REGION: ${settings.region}
      AWS_ROLE_ARN: ${settings.diff.roleArn}
    steps:
${unpack()}
${run('Diff', [...webIdentity(TOKEN), 'BASE="$(cat base.txt)"', ...settings.diff.commands()])}
      - store_artifacts:
          path: ${DIFF_REPORTS}
      - persist_to_workspace:
          root: .
          paths: [${DIFF_REPORTS}]

  comment:
    executor: node
    steps:
${unpack(`mv ${HANDOVER}/${DIFF_REPORTS} .`)}
${run('Comment', ['# Only where the project has a token for it: GITHUB_TOKEN, which may write comments on pull requests.', 'test -n "${GITHUB_TOKEN:-}" || exit 0', ...COMMENT])}

workflows:
  deploy:
    when:
      equal: ['${branch}', << pipeline.git.branch >>]
    jobs:
      - synth
      - publish:
          requires: [synth]
${workflowJobs(stages)}

  # Builds of forks, whose branch is called pull/<number>, get no role.
  diff:
    when:
      and:
        - not:
            equal: ['${branch}', << pipeline.git.branch >>]
        - not:
            matches: { pattern: '^pull/\\d+', value: << pipeline.git.branch >> }
    jobs:
      - synth-branch
      - diff:
          requires: [synth-branch]
      - comment:
          requires: [diff]
`;
}

function deployJob(settings: CiSettings, stage: CiStage): string {
  const hasTargets = stage.jobs.some(({ targets }) => targets !== undefined);
  return `  deploy-${stage.name}:
    parameters:
      group:
        type: string
      role:
        type: string${hasTargets ? '\n      targets:\n        type: string' : ''}
    executor: node
    environment:
      AWS_REGION: ${settings.region}
      AWS_ROLE_ARN: << parameters.role >>
      GROUP: << parameters.group >>${hasTargets ? '\n      TARGETS: << parameters.targets >>' : ''}
    steps:
${unpack()}
${run('Deploy', [...webIdentity(TOKEN), ...deploy(settings, stage)])}`;
}

/** One job of the workflow for each group; an environment waits for all of the one before. */
function workflowJobs(stages: readonly CiStage[]): string {
  let requires = ['publish'];
  return stages
    .map((stage) => {
      const approval = `approve-${stage.name}`;
      const asked = stage.approval
        ? `${block([`- ${approval}:`, '    type: approval', `    requires: [${requires.join(', ')}]`], 6)}\n`
        : '';
      const after = stage.approval ? [approval] : requires;
      const jobs = stage.jobs.map(({ group, roleArn, targets }) =>
        block(
          [
            `- deploy-${stage.name}:`,
            `    name: deploy-${stage.name}-${group}`,
            `    requires: [${after.join(', ')}]`,
            '    # One deployment of a group at a time.',
            `    serial-group: << pipeline.project.slug >>/deploy-${stage.name}-${group}`,
            `    group: ${group}`,
            `    role: ${roleArn}`,
            ...(targets === undefined ? [] : [`    targets: ${targets}`]),
          ],
          6,
        ),
      );
      requires = stage.jobs.map(({ group }) => `deploy-${stage.name}-${group}`);
      return `${asked}${jobs.join('\n')}`;
    })
    .join('\n');
}

function run(name: string, lines: readonly string[]): string {
  return `      - run:
          name: ${name}
          command: |
${block(lines, 12)}`;
}

function handOver(): string {
  return `${run('Hand over', HAND_OVER)}
      - persist_to_workspace:
          root: ${HANDOVER}
          paths: [${ARCHIVE}]`;
}

function unpack(...more: readonly string[]): string {
  return `      - attach_workspace:
          at: ${HANDOVER}
${run('Unpack', [UNPACK[0]!, ...more, ...UNPACK.slice(1)])}`;
}
