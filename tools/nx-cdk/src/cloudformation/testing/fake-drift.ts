/** The calls about drift, and what they answer. */
export class FakeDrift {
  /** What a detection finds, in the words of DescribeStackResourceDrifts, by the name of a stack. */
  readonly found = new Map<string, object[]>();
  /** What ListStackResources says, by the name of a stack. */
  readonly resources = new Map<string, object[]>();
  /** What detections say while they run and in the end, used up one by one. @default - they are complete */
  readonly statuses: object[] = [];

  _DetectStackDrift({ StackName }: Input): unknown {
    return { StackDriftDetectionId: StackName };
  }

  _DescribeStackDriftDetectionStatus(): unknown {
    return this.statuses.shift() ?? { DetectionStatus: 'DETECTION_COMPLETE' };
  }

  _DescribeStackResourceDrifts({ StackName }: Input): unknown {
    return { StackResourceDrifts: this.found.get(nameIn(StackName)) ?? [] };
  }

  _ListStackResources({ StackName }: Input): unknown {
    return { StackResourceSummaries: this.resources.get(nameIn(StackName)) ?? [] };
  }
}

interface Input {
  readonly StackName: string;
}

function nameIn(id: string): string {
  return id.split('/')[1] ?? id;
}
