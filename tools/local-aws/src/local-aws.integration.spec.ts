import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { createServer, connect, type AddressInfo } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startInstance, type LocalAws } from './index.ts';
import { localRequest } from './local-request.ts';
import { runningInstance } from './running-instance.ts';
import { clientsOf, organizationRole, region } from './testing/clients.ts';

const ci = '123456789012';
const workload = '111111111111';
const stranger = '999999999999';

describe('a local AWS of its own', () => {
  let folder: string;
  let directory: string;
  let aws: LocalAws;
  let clients: ReturnType<typeof clientsOf>;

  // The first run on a machine installs Python packages.
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'local-aws-'));
    directory = join(folder, 'an instance');
    aws = await startInstance({ directory, managementAccount: ci, region });
    clients = clientsOf(aws);
  });

  afterAll(async () => {
    await aws?.stop();
    clients?.destroy();
    await rm(folder, { recursive: true, force: true });
  });

  describe('who may reach it', () => {
    test('its certificate is verified: without its authority no client connects', async () => {
      const refused = new Promise((resolve, reject) => {
        request(`${aws.endpoint}/_ministack/health`, { ca: [], agent: false }, resolve).on('error', reject).end();
      });

      await expect(refused).rejects.toMatchObject({ code: expect.stringMatching(/CERT|SELF_SIGNED|ISSUER|VERIFY/) });
      expect((await localRequest(aws, '/_ministack/health')).status).toBe(401);
    });

    test('it listens on 127.0.0.1 and on no other address of the machine', async () => {
      const others = Object.values(networkInterfaces()).flatMap((addresses) =>
        addresses!
          .filter(({ family, address }) => family === 'IPv4' && address !== '127.0.0.1')
          .map(({ address }) => address),
      );
      const answers = (host: string) =>
        new Promise<boolean>((resolve) => {
          const socket = connect({ host, port: aws.port, timeout: 2_000 });
          const end = (answered: boolean) => resolve((socket.destroy(), answered));
          socket
            .on('connect', () => end(true))
            .on('error', () => end(false))
            .on('timeout', () => end(false));
        });

      expect(await answers('127.0.0.1')).toBe(true);
      for (const address of ['127.0.0.2', ...others])
        expect([address, await answers(address)]).toEqual([address, false]);
    });

    test('a request that is not signed, or signed with a wrong secret, is refused', async () => {
      const unsigned = await localRequest(aws, '/?Action=DescribeStacks&Version=2010-05-15', {
        headers: { host: `cloudformation.${region}.amazonaws.com` },
      });

      expect(unsigned.status).toBe(403);
      await expect(clients.whoAmI({ accessKeyId: ci, secretAccessKey: 'wrong' })).rejects.toMatchObject({
        name: 'SignatureDoesNotMatch',
      });
      await expect(clients.whoAmI(aws.credentialsFor(ci))).resolves.toMatchObject({ Account: ci });
    });
  });

  describe('accounts', () => {
    test('the CI account may assume OrganizationAccountAccessRole of every account, also after a reset; a stranger may not', async () => {
      for (const round of ['fresh', 'after a reset']) {
        const session = await clients.assume(organizationRole(workload), aws.credentialsFor(ci));

        expect([round, (await clients.whoAmI(session)).Account]).toEqual([round, workload]);
        await expect(clients.assume(organizationRole(workload), aws.credentialsFor(stranger))).rejects.toMatchObject({
          name: 'AccessDenied',
        });
        await aws.reset();
        await expect(clients.whoAmI(session)).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
      }
    });

    test('the management account has no such role itself', async () => {
      await expect(clients.assume(organizationRole(ci), aws.credentialsFor(workload))).rejects.toMatchObject({
        name: 'AccessDenied',
      });
      await expect(clients.assume(organizationRole(ci), aws.credentialsFor(ci))).rejects.toMatchObject({
        name: 'AccessDenied',
      });
    });
  });

  describe('starting and stopping', () => {
    test('starts at the same time make one server; a stop leaves no process, and a restart keeps the certificate', async () => {
      const own = { directory: join(folder, 'restarted'), managementAccount: ci, region };
      const [first, second] = await Promise.all([startInstance(own), startInstance(own)]);
      const certificate = await readFile(first.caFile, 'utf8');
      const { pid } = (await runningInstance(own.directory))!;

      expect(second.port).toBe(first.port);
      await first.stop();
      // The whole process group: Lambda workers belong to it.
      expect(() => process.kill(-pid, 0)).toThrow('ESRCH');
      expect(await runningInstance(own.directory)).toBeUndefined();
      await second.stop();

      const again = await startInstance(own);
      expect(await readFile(again.caFile, 'utf8')).toBe(certificate);
      await again.stop();
    });

    test('a port that is taken is named, with what to do', async () => {
      const occupant = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => occupant.once('listening', resolve));
      const { port } = occupant.address() as AddressInfo;
      try {
        await expect(
          startInstance({ directory: join(folder, 'taken'), port, managementAccount: ci, region }),
        ).rejects.toMatchObject({
          code: 'PortInUse',
          message: expect.stringMatching(new RegExp(`Port ${port} .*--port=`)),
        });
      } finally {
        occupant.close();
      }
    });

    test('a server that ends at once is reported with the end of its log; one for all interfaces does', async () => {
      const before = process.env['BIND_HOST'];
      process.env['BIND_HOST'] = '0.0.0.0';
      try {
        await expect(
          startInstance({ directory: join(folder, 'open'), managementAccount: ci, region }),
        ).rejects.toMatchObject({
          code: 'StartFailed',
          message: expect.stringMatching(/exit code 1[\s\S]*log\.txt[\s\S]*BIND_HOST is 0\.0\.0\.0/),
        });
      } finally {
        if (before === undefined) delete process.env['BIND_HOST'];
        else process.env['BIND_HOST'] = before;
      }
    });
  });
});
