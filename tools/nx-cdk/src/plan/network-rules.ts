import { BlockList, isIP } from 'node:net';
import { same } from './template.ts';

/** A rule of a security group, as `@aws-cdk/cloudformation-diff` reads them. */
export interface NetworkRule {
  readonly groupId: string;
  readonly ipProtocol: string;
  /** Numbers, or what CloudFormation turns into one. */
  readonly fromPort?: unknown;
  readonly toPort?: unknown;
  readonly peer?:
    | { readonly kind: 'cidr-ip'; readonly ip: string }
    | { readonly kind: 'security-group'; readonly securityGroupId: string }
    | { readonly kind: 'prefix-list'; readonly prefixListId: string };
  describeProtocol(): string;
  describePeer(): string;
}

/** `TCP 443 from Everyone (IPv4) to ${Group.GroupId}` */
export function wordRule(rule: NetworkRule, direction: 'in' | 'out'): string {
  const ends = [rule.describePeer(), rule.groupId];
  const [from, to] = direction === 'in' ? ends : ends.toReversed();
  return `network: ${rule.describeProtocol()} from ${from} to ${to}`;
}

/** Whether a new rule lets anything pass that no rule of the same direction let pass before. */
export function ruleWidens(rule: NetworkRule, before: readonly NetworkRule[]): boolean {
  return !before.some((other) => covers(other, rule));
}

/** Whether a rule lets in whoever has an address, or that is not known: the range may come from a parameter. */
export function isFromEverybody({ peer }: NetworkRule): boolean {
  if (peer?.kind !== 'cidr-ip') return peer === undefined;
  const range = parse(peer.ip);
  return range === undefined || range.bits === 0;
}

function covers(other: NetworkRule, rule: NetworkRule): boolean {
  if (other.groupId !== rule.groupId) return false;
  const isAnyProtocol = other.ipProtocol === '-1';
  if (!isAnyProtocol && (other.ipProtocol !== rule.ipProtocol || !hasPorts(other, rule))) return false;
  const [wide, narrow] = [other.peer, rule.peer];
  if (wide === undefined || same(wide, narrow)) return wide !== undefined;
  return wide.kind === 'cidr-ip' && narrow?.kind === 'cidr-ip' && contains(wide.ip, narrow.ip);
}

function hasPorts(other: NetworkRule, rule: NetworkRule): boolean {
  if (other.fromPort === rule.fromPort && other.toPort === rule.toPort) return true;
  const [from, to, first, last] = [other.fromPort, other.toPort, rule.fromPort, rule.toPort].map(Number);
  return from! <= first! && last! <= to!;
}

/** Whether a range of addresses is part of another one. */
function contains(wide: string, narrow: string): boolean {
  const [outer, inner] = [parse(wide), parse(narrow)];
  if (!outer || !inner || outer.family !== inner.family || inner.bits < outer.bits) return false;
  const list = new BlockList();
  list.addSubnet(outer.address, outer.bits, outer.family);
  return list.check(inner.address, inner.family);
}

function parse(range: string): { address: string; bits: number; family: 'ipv4' | 'ipv6' } | undefined {
  const [address = '', bits = ''] = range.split('/');
  const version = isIP(address);
  if (version === 0 || !/^\d{1,3}$/.test(bits)) return undefined;
  return { address, bits: Number(bits), family: version === 4 ? 'ipv4' : 'ipv6' };
}
