import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leftOut } from '@nx-cdk/constructs';
import { App } from 'aws-cdk-lib';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { QuotesStage } from '../quotes-stage.ts';
import { HANDLERS, type QuotesStack } from '../quotes-stack.ts';

const folder = mkdtempSync(join(tmpdir(), 'quotes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

export const TARGETS = [
  { account: '111111111111', region: 'eu-west-1' },
  { account: '222222222222', region: 'us-east-1' },
] as const;

/** An environment with two targets. */
export function testStage(): QuotesStage {
  const app = new App({
    context: cdkJson.context,
    analyticsReporting: false,
    outdir: mkdtempSync(join(folder, 'app-')),
  });
  return new QuotesStage(app, 'staging', { targets: TARGETS });
}

/** The stacks of an environment, in the order of its targets. */
export function stacksOf(stage: QuotesStage): QuotesStack[] {
  return stage.node.children as QuotesStack[];
}

/** Ids of the functions that are there: not on every machine there is Rust, or a tool that builds images. */
export const BUILT = Object.entries(HANDLERS)
  .filter(([, asset]) => leftOut(asset) === undefined)
  .map(([id]) => id);
