import type { AwsClients } from '../aws/index.ts';
import type { ProgressEvent } from '../progress/index.ts';
import { RecordStore } from './record-store.ts';
import { formatRecord } from './record.ts';

const CI = { account: '123456789012', region: 'eu-west-1' };
const RECORD = { commit: 'a'.repeat(40), time: '2026-11-20T14:03:00.000Z', assemblies: {}, targets: 'b'.repeat(64) };

/** A store on parameters that are here, and what it asked for. */
function store(parameters: Record<string, string>, caller: () => Promise<{ account: string }> = async () => CI) {
  const asked: string[][] = [];
  const events: ProgressEvent[] = [];
  const send = async ({ input }: { input: { Names: string[] } }) => {
    asked.push(input.Names);
    return {
      Parameters: input.Names.flatMap((Name) => (Name in parameters ? [{ Name, Value: parameters[Name] }] : [])),
    };
  };
  const aws = { caller, ssm: async () => ({ send }) } as unknown as AwsClients;
  return { asked, events, store: new RecordStore(aws, CI, (event) => void events.push(event)) };
}

test('many records are asked for ten at a time, which is what GetParameters takes', async () => {
  const names = Array.from({ length: 23 }, (_, index) => `/nx-cdk/releases/prod/${index}`);
  const { store: records, asked } = store({ [names[0]!]: formatRecord(RECORD), [names[22]!]: formatRecord(RECORD) });
  const found = await records.read(names);
  expect(asked.map(({ length }) => length)).toEqual([10, 10, 3]);
  expect(asked.flat()).toEqual(names);
  expect([...found]).toEqual([
    [names[0], RECORD],
    [names[22], RECORD],
  ]);
});

test('a parameter that holds something else counts as none, with a warning that names it', async () => {
  const { store: records, events } = store({ '/nx-cdk/releases/prod/x': 'hello' });
  expect([...(await records.read(['/nx-cdk/releases/prod/x']))]).toEqual([]);
  expect(events).toEqual([
    {
      type: 'message',
      level: 'warning',
      text: 'The parameter /nx-cdk/releases/prod/x in 123456789012/eu-west-1 holds no deployment record: it counts as none.',
    },
  ]);
});

test('credentials of another account are refused: a parameter of that name there is about other deployments', async () => {
  const { store: records, asked } = store({}, async () => ({ account: '999999999999' }));
  await expect(records.read(['/x'])).rejects.toMatchObject({
    code: 'WrongAccount',
    message: expect.stringMatching(/CI account 123456789012, but the credentials are for account 999999999999/),
  });
  await expect(records.write('/x', RECORD)).rejects.toMatchObject({ code: 'WrongAccount' });
  expect(asked).toEqual([]);
});
