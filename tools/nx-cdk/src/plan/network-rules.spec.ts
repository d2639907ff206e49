import { type NetworkRule, ruleWidens, wordRule } from './network-rules.ts';

function rule(more: Partial<NetworkRule> & { ip?: string } = {}): NetworkRule {
  const { ip = '10.0.0.0/8', ...rest } = more;
  return {
    groupId: '${Group.GroupId}',
    ipProtocol: 'tcp',
    fromPort: 443,
    toPort: 443,
    peer: { kind: 'cidr-ip', ip },
    describeProtocol: () => 'TCP 443',
    describePeer: () => ip,
    ...rest,
  };
}

test('is worded in the direction that it lets pass', () => {
  expect(wordRule(rule(), 'in')).toBe('network: TCP 443 from 10.0.0.0/8 to ${Group.GroupId}');
  expect(wordRule(rule(), 'out')).toBe('network: TCP 443 from ${Group.GroupId} to 10.0.0.0/8');
});

test.each<[string, NetworkRule, NetworkRule[]]>([
  ['nothing passed', rule(), []],
  ['it is for more addresses', rule({ ip: '0.0.0.0/0' }), [rule()]],
  ['it is for other addresses', rule({ ip: '11.0.0.0/16' }), [rule()]],
  ['it is for more ports', rule({ fromPort: 0, toPort: 65535 }), [rule()]],
  ['it is for another protocol', rule({ ipProtocol: 'udp' }), [rule()]],
  ['it is of another group', rule({ groupId: '${Other.GroupId}' }), [rule()]],
  ['it is for IPv6', rule({ ip: '::/0' }), [rule({ ip: '0.0.0.0/0' })]],
  ['it is for addresses that nobody can read', rule({ ip: '${Range}' }), [rule({ ip: '0.0.0.0/0' })]],
])('a rule widens where %s', (_, given, before) => {
  expect(ruleWidens(given, before)).toBe(true);
});

test.each<[string, NetworkRule, NetworkRule[]]>([
  ['more addresses passed', rule(), [rule({ ip: '0.0.0.0/0' })]],
  ['more addresses passed, of IPv6', rule({ ip: 'fd00:1::/32' }), [rule({ ip: 'fd00::/8' })]],
  ['more ports passed', rule(), [rule({ fromPort: 0, toPort: 1024 })]],
  ['everything passed', rule(), [rule({ ipProtocol: '-1', fromPort: undefined, toPort: undefined })]],
  [
    'the same group passed',
    rule({ peer: { kind: 'security-group', securityGroupId: '${Peer}' } }),
    [rule({ peer: { kind: 'security-group', securityGroupId: '${Peer}' }, fromPort: 1 })],
  ],
])('a rule does not widen where %s', (_, given, before) => {
  expect(ruleWidens(given, before)).toBe(false);
});
