import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { proxyObstacle, trustedCertificates } from './network.ts';

test('what Node trusts by default is trusted', () => {
  expect(trustedCertificates()).toEqual(expect.arrayContaining(rootCertificates.slice(0, 3)));
});

test('a file of further certificates that is not there is left out, as Node does', () => {
  const folder = mkdtempSync(join(tmpdir(), 'network-'));
  try {
    writeFileSync(join(folder, 'ca.pem'), 'x');
    for (const name of ['ca.pem', 'none.pem'])
      expect(trustedCertificates({ NODE_EXTRA_CA_CERTS: join(folder, name) }).length).toBeGreaterThan(10);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('a proxy', () => {
  const environment = { HTTPS_PROXY: 'http://proxy:3128' };

  test.each(['22.12.0', '22.20.0', '23.11.1', '24.4.1'])(
    'is refused with Node %s, which would leave it out',
    (node) => {
      expect(proxyObstacle(environment, node)).toBe(
        `HTTPS_PROXY names a proxy, and Node ${node} cannot use one: Node 22.21 and 24.5 can`,
      );
      expect(proxyObstacle({ https_proxy: 'http://proxy:3128' }, node)).toContain('https_proxy names a proxy');
    },
  );

  test.each(['22.21.0', '22.23.5', '24.5.0', '25.0.0'])('is used by Node %s', (node) => {
    expect(proxyObstacle(environment, node)).toBeUndefined();
  });

  test('that nobody names is no obstacle', () => {
    expect(proxyObstacle({ HTTPS_PROXY: '' }, '22.12.0')).toBeUndefined();
  });
});
