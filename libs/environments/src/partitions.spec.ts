import { partitionOf, urlSuffixOf } from './partitions.ts';

test.each([
  ['eu-west-1', 'aws', 'amazonaws.com'],
  ['cn-northwest-1', 'aws-cn', 'amazonaws.com.cn'],
  ['us-gov-east-1', 'aws-us-gov', 'amazonaws.com'],
  ['us-iso-east-1', 'aws-iso', 'c2s.ic.gov'],
  ['us-isob-east-1', 'aws-iso-b', 'sc2s.sgov.gov'],
  ['eusc-de-east-1', 'aws-eusc', 'amazonaws.eu'],
])('%s is in the partition %s, whose hosts end with %s', (region, partition, suffix) => {
  expect(partitionOf(region)).toBe(partition);
  expect(urlSuffixOf(partition)).toBe(suffix);
});
