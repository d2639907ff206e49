import { writeFileSync } from 'node:fs';
import { deploy, type DeployReport, type DeployRequest } from './index.ts';
import { largeTemplate, queues } from '../cloudformation/testing/assembly.ts';
import { cloud, dependencies, given } from '../cloudformation/testing/each-test.ts';

const PLACE = 's3://assets/template.json';
const URL = 'https://s3.eu-west-1.amazonaws.com/assets/template.json';
/** A role that nobody has reviewed. */
const FORGED = JSON.stringify({ Resources: { Admin: { Type: 'AWS::IAM::Role' } } });

function run(request: Pick<DeployRequest, 'assembly'> & Partial<DeployRequest>): Promise<DeployReport> {
  return deploy({ stacks: request.assembly.stacks.map(({ id }) => id), ...request }, dependencies());
}

const failureOf = ({ stacks }: DeployReport) => stacks.find(({ failure }) => failure)?.failure;

describe('CloudFormation gets the template that was read', () => {
  test('in the request, whatever is in the bucket', async () => {
    const assembly = given([{ id: 'Data', templateUrl: PLACE }]);
    cloud.objects.set(URL, FORGED);

    expect(await run({ assembly })).toMatchObject({ success: true });

    expect(cloud.stacks.get('Data')!.template).toBe(JSON.stringify(queues('Queue')));
    expect(cloud.calls).not.toContain('GetTemplate');
  });

  test('from the bucket if it is large, for one request more', async () => {
    const assembly = given([{ id: 'Data', templateUrl: PLACE, template: largeTemplate() }]);
    cloud.objects.set(URL, JSON.stringify(largeTemplate(), null, 1));

    expect(await run({ assembly })).toMatchObject({ success: true });

    expect(cloud.calls.filter((call) => call === 'GetTemplate')).toHaveLength(1);
  });

  test.each([
    ['another template is in the bucket', FORGED],
    ['a key of it is there twice', JSON.stringify(largeTemplate()).replace('{', '{"Resources":{"Admin":{}},')],
    ['a value of it differs', JSON.stringify(largeTemplate('other'))],
  ])('or none, where %s', async (_, found) => {
    const assembly = given([{ id: 'Data', templateUrl: PLACE, template: largeTemplate() }]);
    cloud.objects.set(URL, found);

    const report = await run({ assembly });

    expect(failureOf(report)).toMatchObject({
      code: 'TemplateReplaced',
      message: expect.stringMatching(
        /^Data: CloudFormation has read another template from https:\S+ than \/\S+\.json: /,
      ),
    });
    expect(cloud.calls).not.toContain('ExecuteChangeSet');
    expect(cloud.calls.at(-1)).toBe('DeleteChangeSet');
  });

  test('or none, where a replaced template makes the stack look unchanged', async () => {
    const assembly = given([{ id: 'Data', templateUrl: PLACE, template: largeTemplate() }]);
    cloud.put('Data', 'UPDATE_COMPLETE');
    cloud.objects.set(URL, '{}');
    cloud.emptyChangeSets = true;

    expect(failureOf(await run({ assembly }))).toMatchObject({ code: 'TemplateReplaced' });
  });
});

describe('a synthesis while stacks are deployed', () => {
  test('changes nothing for this run, and its templates come with the next one', async () => {
    // given
    const assembly = given([{ id: 'One' }, { id: 'Two', dependencies: ['One'] }]);
    const [, two] = assembly.stacks;
    const synthesized = JSON.stringify(queues('Queue', 'New'));
    cloud.intercept = (action) => {
      if (action === 'ExecuteChangeSet') writeFileSync(two!.templateFile, synthesized);
    };

    // when
    await run({ assembly });

    // then
    expect(cloud.stacks.get('Two')!.template).toBe(JSON.stringify(queues('Queue')));

    // when
    const next = await run({ assembly });

    // then
    expect(next.stacks.map(({ outcome }) => outcome)).toEqual(['unchanged', 'updated']);
    expect(cloud.stacks.get('Two')!.template).toBe(synthesized);
  });

  test('is refused where it happens after the release was verified', async () => {
    const assembly = given([{ id: 'Data' }]);

    const report = await run({ assembly, templates: new Map([['Data', '0'.repeat(64)]]) });

    expect(failureOf(report)).toMatchObject({
      code: 'ReleaseMismatch',
      message: expect.stringMatching(
        /its template \S+ is not the one of the release that this run began with: somebody/,
      ),
    });
    expect(cloud.calls).not.toContain('CreateChangeSet');
  });
});
