import type { Architecture, DrawnStack, Link } from '../model.ts';

const SERVICES = ['Network', 'Data', 'Events', 'Orders', 'Billing', 'Search', 'Mail', 'Web', 'Reports', 'Alarms'];

/** What each of them needs, by number; the web is in another region, alarms are in another account. */
const NEEDS: readonly (readonly number[])[] = [[], [0], [], [0, 1, 2], [1, 2, 3], [1, 3], [2], [3, 4, 5], [1], [3, 7]];

const KINDS = [
  'AWS::Lambda::Function',
  'AWS::IAM::Role',
  'AWS::IAM::Policy',
  'AWS::DynamoDB::Table',
  'AWS::SQS::Queue',
  'AWS::S3::Bucket',
  'AWS::ApiGatewayV2::Api',
  'Custom::S3AutoDeleteObjects',
];

/** An app in so many environments, each with ten stacks in three targets, and two stacks that belong to none. */
export function syntheticArchitecture(environments: number): Architecture {
  const names = ['dev', 'staging', 'prod', ...Array.from({ length: environments }, (_, index) => `cell-${index + 1}`)];
  const stacks: DrawnStack[] = [];
  const links: Link[] = [];
  for (const [index, environment] of names.slice(0, environments).entries()) {
    const account = String(index + 1)
      .repeat(12)
      .slice(0, 12);
    const own = SERVICES.map((name, number): DrawnStack => {
      const id = `${environment}/${name}`;
      const where =
        name === 'Alarms'
          ? { account: '999999999999', region: 'eu-west-1' }
          : { account, region: name === 'Web' ? 'us-east-1' : 'eu-west-1' };
      const kinds = KINDS.slice(0, (number * 3) % 8).map((type, kind) => ({ type, count: 1 + ((number + kind) % 5) }));
      return { id, stackName: `${environment}-shop-${name.toLowerCase()}`, ...where, environment, kinds };
    });
    stacks.push(...own);
    for (const [from, needs] of NEEDS.entries()) {
      for (const to of needs) {
        const [a, b] = [own[from]!, own[to]!];
        const across = (['account', 'region'] as const).filter((part) => a[part] !== b[part]);
        const imports = across.length === 0 && to > 0 ? [`${b.stackName}:ExportsOutput${b.kinds.length}`] : [];
        links.push({ from: a.id, to: b.id, imports, across });
      }
    }
    const before = names[index - 1];
    if (before !== undefined) {
      links.push({ from: `${environment}/Reports`, to: `${before}/Data`, imports: [], across: ['account'] });
    }
  }
  return { stacks, links, outside: [] };
}
