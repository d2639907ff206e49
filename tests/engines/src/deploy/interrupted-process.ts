/**
 * Deploys a stack, alone in a process that a test can kill at any moment. Says each step on a line of its own.
 *
 * Arguments: the stack plan as JSON. The endpoint and the credentials come from the environment.
 */
import { createAws } from 'nx-cdk/src/aws/index.ts';
import { deploy } from 'nx-cdk/src/deploy/index.ts';
import { assemblyOf, type TestStack } from 'nx-cdk/src/cloudformation/testing/assembly.ts';

const plan = JSON.parse(process.argv[2]!) as TestStack;
const assembly = assemblyOf([plan]);
const report = await deploy(
  { assembly, stacks: [plan.id] },
  {
    aws: createAws({ listener: (event) => event.type === 'aws-call' && console.log(event.action) }),
    listener: (event) => event.type === 'item-progress' && console.log(event.step),
  },
);
assembly.dispose();
console.log(report.stacks[0]?.outcome);
process.exit(0);
