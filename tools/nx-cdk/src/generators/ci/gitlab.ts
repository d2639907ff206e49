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
  UNPACK_BESIDE,
  webIdentity,
} from './shell.ts';

/** Variable that a job's token is in. */
const TOKEN = 'AWS_ID_TOKEN';

/** What builds container images: https://docs.gitlab.com/ci/docker/docker_in_docker/. */
const ENGINE = {
  service: `  # Docker's engine, which builds images; the runner has to let it (privileged).
  services: [docker:28-dind]`,
  variables: `    DOCKER_HOST: tcp://docker:2376
    DOCKER_TLS_CERTDIR: /certs
    DOCKER_TLS_VERIFY: '1'
    DOCKER_CERT_PATH: /certs/client`,
};

/** The pipeline of GitLab CI/CD, by file. */
export function gitLabFiles(settings: CiSettings, node: NodeVersion): Record<string, string> {
  return { '.gitlab-ci.yml': pipeline(settings, node) };
}

function pipeline(settings: CiSettings, node: NodeVersion): string {
  const { branch, stages, environmentsFile } = settings;
  return `# Made by \`nx g nx-cdk:ci gitlab\`: run it again after a change of ${environmentsFile}; git diff shows what it changes.
workflow:
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == "${branch}"

default:
  image: node:${node.major}-trixie
  # A deployment that runs is never cancelled.
  interruptible: false

stages:
  - synth
  - publish
${stages.map(({ name }) => `  - deploy-${name}`).join('\n')}
  - diff

.branch:
  rules:
    - if: $CI_COMMIT_BRANCH == "${branch}" && $CI_PIPELINE_SOURCE != "merge_request_event"

# Of this project only: a fork's merge request has another path, which no role trusts.
.merge-request:
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event" && $CI_MERGE_REQUEST_SOURCE_PROJECT_PATH == $CI_PROJECT_PATH

# Works in what synth handed over, in a folder of its own.
.unpacked:
  variables:
    GIT_STRATEGY: none

# No role and no token: what is installed and synthesized here has nothing to steal.
synth:
  extends: .branch
  stage: synth
  variables:
    # Without its history, everything would count as affected.
    GIT_DEPTH: '0'
  cache:
    key:
      files: [package-lock.json]
    paths: [${NPM_CACHE}]
  script:
${script([...COMPILERS, ...synth(settings), ...HAND_OVER])}
  artifacts:
    paths: [${HANDOVER}/${ARCHIVE}]
    access: developer
    expire_in: 30 days

publish:
  extends: [.branch, .unpacked]
  stage: publish
  needs: [synth]${settings.images ? `\n${ENGINE.service}` : ''}
  variables:
    AWS_REGION: ${settings.region}
    AWS_ROLE_ARN: ${settings.publish.roleArn}${settings.images ? `\n${ENGINE.variables}` : ''}
${idToken(settings)}
  script:
${script([...imageBuilder(settings), ...UNPACK_BESIDE, ...webIdentity(TOKEN), ...settings.publish.commands()])}

${stages.map((stage, index) => deployJob(settings, stage, stages[index - 1])).join('\n\n')}

synth-merge-request:
  extends: .merge-request
  stage: synth
  interruptible: true
  variables:
    GIT_DEPTH: '0'
  cache:
    key:
      files: [package-lock.json]
    paths: [${NPM_CACHE}]
    # Nothing that a proposed change brings is kept for other pipelines.
    policy: pull
  script:
${script([...COMPILERS, ...synthForDiff(settings), ...HAND_OVER])}
  artifacts:
    paths: [${HANDOVER}/${ARCHIVE}]
    access: developer
    expire_in: 1 day

diff:
  extends: [.merge-request, .unpacked]
  stage: diff
  interruptible: true
  needs: [synth-merge-request]
  variables:
    AWS_REGION: ${settings.region}
    AWS_ROLE_ARN: ${settings.diff.roleArn}
    BASE: $CI_MERGE_REQUEST_DIFF_BASE_SHA
${idToken(settings)}
  script:
${script([...UNPACK_BESIDE, ...webIdentity(TOKEN), ...settings.diff.commands()])}
  artifacts:
    when: always
    paths: [workspace/${DIFF_REPORTS}]
    access: developer
    expire_in: 1 day

# Only where the project has a token for it: GITLAB_TOKEN, a project access token that may write comments.
comment:
  extends: .unpacked
  stage: diff
  interruptible: true
  needs: [synth-merge-request, diff]
  rules:
    - if: $GITLAB_TOKEN && $CI_PIPELINE_SOURCE == "merge_request_event" && $CI_MERGE_REQUEST_SOURCE_PROJECT_PATH == $CI_PROJECT_PATH
  script:
${script([`mv workspace/${DIFF_REPORTS} .`, ...UNPACK_BESIDE, `mv ../${DIFF_REPORTS} .`, ...COMMENT])}
`;
}

function deployJob(settings: CiSettings, stage: CiStage, before: CiStage | undefined): string {
  const groups = stage.jobs.map(({ group, targets }) =>
    block([`- GROUP: ${group}`, ...(targets === undefined ? [] : [`  TARGETS: ${targets}`])], 6),
  );
  const approval = [
    '      # Waits for a person; who may start it is what the protection of the environment says.',
    '      when: manual',
    '      allow_failure: false',
  ];
  return `deploy-${stage.name}:
  extends: .unpacked
  stage: deploy-${stage.name}
  needs: [synth, ${before === undefined ? 'publish' : `deploy-${before.name}`}]
  rules:
    - if: $CI_COMMIT_BRANCH == "${settings.branch}" && $CI_PIPELINE_SOURCE != "merge_request_event"${stage.approval ? `\n${approval.join('\n')}` : ''}
  environment:
    name: ${stage.name}
  # One deployment of a group at a time.
  resource_group: deploy-${stage.name}-$GROUP
  parallel:
    matrix:
${groups.join('\n')}
  variables:
    AWS_REGION: ${settings.region}
    AWS_ROLE_ARN: ${stage.rolePrefix}$GROUP
${idToken(settings)}
  script:
${script([...UNPACK_BESIDE, ...webIdentity(TOKEN), ...deploy(settings, stage)])}`;
}

function idToken({ gitlabUrl }: CiSettings): string {
  return `  id_tokens:
    ${TOKEN}:
      aud: ${gitlabUrl}`;
}

/** One script of all lines, so that what one of them exports and where it goes is there for the next. */
function script(lines: readonly string[]): string {
  return `    - |\n${block(['set -eo pipefail', ...lines], 6)}`;
}
