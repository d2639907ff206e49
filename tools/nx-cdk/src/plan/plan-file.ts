import { hash } from 'node:crypto';
import { readData } from '../assembly/index.ts';
import { Failure } from '../failure/index.ts';
import {
  type Plan,
  PLAN_FORMAT,
  type PlannedChange,
  type PlannedDeletion,
  type PlannedStack,
  type StackBasis,
} from './model.ts';

const MAKE_ONE = 'make one first (nx plan <project>)';

/** A plan as its file holds it: same plan, same bytes. */
export function planAsJson(plan: Plan): string {
  return `${JSON.stringify(plan, null, 2)}\n`;
}

/** SHA-256 of the file of a plan, in hex. Reviewers and deployments name a plan by its beginning. */
export function planDigest(text: string): string {
  return hash('sha256', text);
}

/** Reads a plan. @throws Failure `NoPlan` if the file is none, or one of another format */
export async function readPlan(file: string): Promise<{ readonly plan: Plan; readonly digest: string }> {
  const data = await readData(file).catch((cause: unknown) => {
    throw noPlan(`The plan ${file} cannot be read`, MAKE_ONE, cause);
  });
  const text = data.toString();
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw noPlan(`${file} is no plan, not even JSON`, MAKE_ONE, cause);
  }
  const { format } = (content ?? {}) as { format?: unknown };
  if (typeof format === 'number' && format !== PLAN_FORMAT) {
    throw noPlan(`The plan ${file} has format ${format}, and this version reads ${PLAN_FORMAT}`, 'plan again');
  }
  if (format !== PLAN_FORMAT || !isPlan(content)) {
    throw noPlan(`${file} is no plan, or not a whole one`, 'plan again (nx plan <project>)');
  }
  return { plan: content, digest: planDigest(text) };
}

function noPlan(what: string, next: string, cause?: unknown): Failure {
  return new Failure('NoPlan', { what, next }, { cause });
}

/** Whether everything is there that a deployment compares. */
function isPlan(content: unknown): content is Plan {
  const { project, release, stacks, deletions = [], revertsDrift = true } = content as Partial<Plan>;
  const areStacks = Array.isArray(stacks) && stacks.every(isStack);
  const areDeletions = Array.isArray(deletions) && deletions.every(isDeletion);
  return areTexts(project, release) && areStacks && areDeletions && revertsDrift === true;
}

function isDeletion(deletion: Partial<PlannedDeletion> | null): boolean {
  if (typeof deletion !== 'object' || deletion === null) return false;
  const { stackName, account, region, basis, after, executionRoleArn: role = '', deployedAt, changes } = deletion;
  const isOrdered = Array.isArray(after) && areTexts(...(after as unknown[]));
  return areTexts(stackName, account, region, role, deployedAt) && isOrdered && isBasis(basis) && areChanges(changes);
}

function isBasis(basis: Partial<StackBasis> | null | undefined): boolean {
  return typeof basis === 'object' && areTexts(basis?.stackId, basis?.status, basis?.updatedAt);
}

function isStack(stack: Partial<PlannedStack> | null): boolean {
  if (typeof stack !== 'object' || stack === null) return false;
  const { id, outcome, desired, basis, changes, terminationProtection: protection, deploymentMode: mode } = stack;
  const isProtection = protection === undefined || typeof protection === 'boolean';
  const isMode = mode === undefined || mode === 'express';
  return (
    areTexts(id, outcome, desired) &&
    (basis === null || isBasis(basis)) &&
    isProtection &&
    isMode &&
    areChanges(changes)
  );
}

function areChanges(changes: readonly (Partial<PlannedChange> | null)[] | undefined): boolean {
  const isChange = (change: Partial<PlannedChange> | null) =>
    areTexts(change?.action, change?.logicalId, change?.resourceType, change?.replacement) &&
    Array.isArray(change?.properties) &&
    areTexts(...(change.properties as unknown[]));
  return Array.isArray(changes) && changes.every(isChange);
}

function areTexts(...values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === 'string');
}
