/**
 * Prefixes of the regions outside the commercial partition;
 * https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html.
 */
const PARTITIONS: readonly (readonly [prefix: string, partition: string])[] = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
  ['us-iso-', 'aws-iso'],
  ['us-isob-', 'aws-iso-b'],
  ['eu-isoe-', 'aws-iso-e'],
  ['us-isof-', 'aws-iso-f'],
  ['eusc-', 'aws-eusc'],
];

/** The partition a region is in. */
export function partitionOf(region: string): string {
  return PARTITIONS.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'aws';
}

/** What host names end with in a partition. */
export function urlSuffixOf(partition: string): string {
  return (
    {
      'aws-cn': 'amazonaws.com.cn',
      'aws-iso': 'c2s.ic.gov',
      'aws-iso-b': 'sc2s.sgov.gov',
      'aws-iso-e': 'cloud.adc-e.uk',
      'aws-iso-f': 'csp.hci.ic.gov',
      'aws-eusc': 'amazonaws.eu',
    }[partition] ?? 'amazonaws.com'
  );
}
