import { parse } from 'yaml';
import type { CiGeneratorSchema } from './schema.d.ts';
import { CIRCLECI, generatorBed } from './testing/generator-bed.ts';

let bed: ReturnType<typeof generatorBed>;
beforeEach(() => {
  bed = generatorBed();
});
afterEach(() => bed.workspace.dispose());

const COMMAND =
  /npx nx run-many -t drift-staging drift-prod --excludeTaskDependencies .*--failOnDrift --release="\$RELEASES"$/m;

const FILES = { gitlab: '.gitlab-ci.yml', circleci: '.circleci/config.yml' } as const;

describe.each<CiGeneratorSchema & { readonly system: 'gitlab' | 'circleci' }>([{ system: 'gitlab' }, CIRCLECI])(
  'a schedule of $system',
  (options) => {
    test('looks for drift only if somebody asks for it', async () => {
      await bed.generate(options);
      expect(bed.read(FILES[options.system])).not.toMatch(/drift|nightly|schedule/);
    });

    test('looks for drift with a role of its own, and takes what was synthesized', async () => {
      await bed.generate({ ...options, drift: true });
      const text = bed.read(FILES[options.system]);
      expect(text).toMatch(COMMAND);
      expect(text).toContain(`AWS_ROLE_ARN: arn:aws:iam::123456789012:role/shop-${options.system}-drift\n`);
      expect(bed.read(`apps/${options.system}-access/src/main.ts`)).toContain(
        `stepsWithRoles(environments, '${options.system}', { drift: true })`,
      );
    });
  },
);

test('a schedule of GitLab ships nothing, and no push looks for drift', async () => {
  await bed.generate({ system: 'gitlab', drift: true });
  const config = parse(bed.read('.gitlab-ci.yml'));
  const rulesOf = (name: string): { if: string }[] => {
    const { rules, extends: base } = config[name];
    return rules ?? [base].flat().flatMap((one: string) => config[one].rules ?? []);
  };
  const isOn = (name: string, source: string) =>
    rulesOf(name).some(({ if: condition }) =>
      condition.split(' && ').every((part) => {
        const [, operator, value] = /^\$CI_PIPELINE_SOURCE (==|!=) "(\w+)"$/.exec(part) ?? [];
        return operator === undefined || (value === source) === (operator === '==');
      }),
    );
  const jobs = ['synth', 'publish', 'deploy-staging', 'deploy-prod', 'drift'];
  expect(jobs.filter((job) => isOn(job, 'schedule'))).toEqual(['synth', 'drift']);
  expect(jobs.filter((job) => isOn(job, 'push'))).toEqual(['synth', 'publish', 'deploy-staging', 'deploy-prod']);
  expect(config.drift.needs).toEqual(['synth']);
});

test('a trigger of CircleCI that has a schedule ships nothing and compares nothing', async () => {
  await bed.generate({ ...CIRCLECI, drift: true });
  const { workflows, parameters } = parse(bed.read('.circleci/config.yml'));
  expect(parameters).toEqual({ nightly: { type: 'boolean', default: false } });
  const nightly = '<< pipeline.parameters.nightly >>';
  expect(workflows.drift.when.and).toContainEqual(nightly);
  for (const other of ['deploy', 'diff']) expect(workflows[other].when.and).toContainEqual({ not: nightly });
  // Of the branch alone: the role trusts no other.
  expect(workflows.drift.when.and).toContainEqual({ equal: ['main', '<< pipeline.git.branch >>'] });
});
