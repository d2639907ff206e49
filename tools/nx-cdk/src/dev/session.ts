import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { AssemblyStack, FileAsset, ImageAsset } from '../assembly/index.ts';
import type { EngineDependencies } from '../aws/index.ts';
import { BootstrapCheck, MAXIMUM_BODY } from '../cloudformation/index.ts';
import { deploy } from '../deploy/index.ts';
import { Failure } from '../failure/index.ts';
import { type Difference, differenceOf, functionsOf, machineIdsOf, parseTemplate } from '../hotswap/index.ts';
import { changedPaths, type Read } from '../inputs/index.ts';
import { rulesGate, workspaceRules } from '../plan/index.ts';
import { count } from '../progress/index.ts';
import { publish } from '../publish/index.ts';
import type { DevRequest, DevScope, EditReport } from './contract.ts';
import { dataGate } from './data-gate.ts';
import { type DevMachine, DevMachines } from './machines.ts';
import { type DevFunction, DevFunctions, type DevStack, isIn, mapFolders, needsPublishing } from './stacks.ts';
import { Stopwatch } from './stopwatch.ts';

/** An edit on its way. */
interface Edit {
  readonly watch: Stopwatch;
  readonly did: string[];
}

/** What the environment runs, and how edits get there. One at a time. */
export class DevSession {
  readonly functions: DevFunctions;
  readonly #machines: DevMachines;
  readonly #request: DevRequest;
  readonly #dependencies: EngineDependencies;
  #stacks = new Map<string, DevStack>();
  #mapped = new Map<string, readonly DevFunction[]>();
  #reads: readonly Read[] | undefined;
  #output = '';
  /** Whether something was not brought there: then the next edit does all of it again. */
  #isBehind = true;
  /** Whether all projects were built, by Nx. */
  #isBuilt = false;
  /** Files whose edits were not brought. */
  readonly #missed = new Set<string>();
  readonly #published = new Set<string>();
  /** Which does not change while somebody works. */
  readonly #bootstrap: BootstrapCheck;

  constructor(request: DevRequest, dependencies: EngineDependencies) {
    this.#request = request;
    this.#dependencies = dependencies;
    this.#bootstrap = new BootstrapCheck(dependencies.aws);
    this.functions = new DevFunctions(dependencies.aws, request);
    this.#machines = new DevMachines(dependencies.aws, (target) => this.functions.sessionIn(target));
  }

  /** All functions of the environment. */
  get all(): readonly DevFunction[] {
    return [...this.#stacks.values()].flatMap(({ functions }) => functions);
  }

  /** Functions and state machines that run something else than CloudFormation has given them. */
  get unknownToCloudFormation(): string[] {
    const machines = [...this.#stacks.values()].flatMap((stack) => stack.machines);
    const named = [...this.all, ...machines.map((one) => ({ ...one, name: one.arn.split(':').at(-1)! }))];
    const other = named.filter(({ running, deployed }) => running !== deployed);
    return other.map(({ stackId, name }) => `${stackId}: ${name}`);
  }

  /** Builds and synthesizes everything, and brings the environment to it. @throws Failure as the parts do */
  async start(): Promise<EditReport> {
    return this.#edit([], async (edit) => {
      await this.#buildAll(edit);
      await this.#synthesizeAndBring(edit);
    });
  }

  /** Brings an edit to the environment. @throws Failure as the parts do */
  async bring(files: readonly string[]): Promise<EditReport> {
    const { workspace } = this.#request;
    for (const file of files) this.#missed.add(file);
    return this.#edit(files, async (edit) => {
      const projects = workspace.builtFrom([...this.#missed]);
      if (!this.#isBuilt) await this.#buildAll(edit);
      else if (projects.length > 0) {
        await edit.watch.time('build', () => workspace.build(projects));
        edit.did.push(`${projects.join(', ')} built`);
      }
      const wasBehind = this.#isBehind;
      this.#isBehind = true;
      const left = await this.#swapBuilt(edit, projects);
      if (wasBehind || this.#needsSynthesis(left)) await this.#synthesizeAndBring(edit);
    });
  }

  async #buildAll(edit: Edit): Promise<void> {
    await edit.watch.time('build', () => this.#request.workspace.buildAll());
    this.#isBuilt = true;
  }

  async #edit(files: readonly string[], work: (edit: Edit) => Promise<void>): Promise<EditReport> {
    const edit: Edit = { watch: new Stopwatch(), did: [] };
    const shown = files.map((file) => relative(this.#request.workspace.root, file)).toSorted();
    await work(edit);
    this.#isBehind = false;
    this.#missed.clear();
    const { environment, instance } = this.#request;
    const what = shown.length > 0 ? named(shown) : instance === undefined ? environment : `${environment}/${instance}`;
    const text = `${what}: ${edit.did.join(', ') || 'nothing changed'}, in ${String(edit.watch)}`;
    this.#dependencies.listener({ type: 'message', level: 'info', text });
    const outcome = edit.did.length === 0 ? 'nothing-changed' : 'brought';
    return { files: shown, outcome, did: edit.did, seconds: edit.watch.seconds };
  }

  /**
   * Brings what was just built to the functions that run it as it is.
   *
   * @returns the folders that were too large for it
   */
  async #swapBuilt(edit: Edit, projects: readonly string[]): Promise<readonly string[]> {
    const outputs = this.#request.workspace.outputs();
    const built = projects.flatMap((project) => outputs.get(project) ?? []);
    const folders = [...this.#mapped].filter(([folder]) => built.some((output) => isIn(output, folder)));
    if (folders.length === 0) return [];
    return edit.watch.time('hotswap', async () => {
      const left: string[] = [];
      let swapped = 0;
      for (const [folder, users] of folders) {
        const { sha256 } = await this.functions.archives.of({ path: folder, packaging: 'zip' });
        const outdated = users.filter(({ running }) => running !== sha256);
        const results = await Promise.all(outdated.map((one) => this.functions.bringFolder(one, folder)));
        if (!results.every(Boolean)) left.push(folder);
        swapped += results.filter(Boolean).length;
      }
      if (swapped > 0) edit.did.push(`${count(swapped, 'function')} swapped`);
      return left;
    });
  }

  /** Whether the app has read something that is another now. What was swapped it need not see at once. */
  #needsSynthesis(left: readonly string[]): boolean {
    if (this.#reads === undefined) return true;
    const swapped = [...this.#mapped.keys()].filter((folder) => !left.includes(folder));
    const changed = changedPaths(this.#reads, [this.#output], process.env);
    return changed.some((path) => !swapped.some((folder) => isIn(folder, path)));
  }

  async #synthesizeAndBring(edit: Edit): Promise<void> {
    const { reads, output } = await edit.watch.time('synth', () => this.#request.synthesize());
    this.#reads = reads;
    this.#output = output;
    const scope = await this.#request.open(output);
    const templates = new Map(
      scope.assembly.stacks
        .filter(({ id }) => scope.stacks.includes(id))
        .map((stack) => [stack, readFileSync(stack.templateFile, 'utf8')] as const),
    );
    const differences = await Promise.all(
      [...templates].map(async ([stack, template]) => [stack, await this.#differenceOf(stack, template)] as const),
    );
    const toDeploy = differences.filter(([, { kind }]) => kind === 'deployment').map(([stack]) => stack);
    await this.#publishFor(edit, toDeploy, templates);
    await this.#deploy(edit, toDeploy, scope, templates);
    await this.#swapRest(edit, templates);
    const outputs = [...this.#request.workspace.outputs().values()].flat();
    this.#mapped = await mapFolders(outputs, this.all, this.functions.archives);
  }

  async #differenceOf(stack: AssemblyStack, template: string): Promise<Difference> {
    const known = this.#stacks.get(stack.id);
    if (known === undefined || this.#isOther(known.stack, stack)) return DEPLOYMENT;
    const difference = differenceOf(known.template, template);
    if (difference.kind !== 'swappable') return difference;
    const definitions = await this.#machines.definitions(stack, template, known.names);
    const machines = machineIdsOf(parseTemplate(template)).filter((id) => difference.changed.includes(id));
    return machines.every((id) => definitions.has(id)) ? difference : DEPLOYMENT;
  }

  /** Whether something of a stack besides its template is another: its tags, its parameters, its protection. */
  #isOther(known: AssemblyStack, stack: AssemblyStack): boolean {
    const rest = ({ tags, parameters, notificationArns, terminationProtection, executionRoleArn }: AssemblyStack) =>
      JSON.stringify([tags, parameters, notificationArns, terminationProtection, executionRoleArn]);
    return rest(known) !== rest(stack);
  }

  /** Publishes what CloudFormation and Lambda read from buckets and repositories. */
  async #publishFor(
    edit: Edit,
    toDeploy: readonly AssemblyStack[],
    templates: ReadonlyMap<AssemblyStack, string>,
  ): Promise<void> {
    const files: FileAsset[] = [];
    const images: ImageAsset[] = [];
    for (const [stack, template] of templates) {
      if (toDeploy.includes(stack)) {
        // A small template goes in the request.
        const isSent = ({ source }: FileAsset) =>
          source.path === stack.templateFile && Buffer.byteLength(template) <= MAXIMUM_BODY;
        files.push(...stack.files.filter((asset) => !isSent(asset)));
        images.push(...stack.images);
        continue;
      }
      for (const { code } of functionsOf(stack, template)) {
        if (!(await needsPublishing(code, this.functions.archives))) continue;
        if ('tag' in code) images.push(code);
        else files.push(code);
      }
    }
    const isNew = (key: string) => !this.#published.has(key);
    const newFiles = files.filter((asset) => isNew(placeOf(asset)));
    const newImages = images.filter((asset) => isNew(placeOf(asset)));
    if (newFiles.length + newImages.length === 0) return;
    const { projectRoot: workingDirectory, allow } = this.#request;
    const request = { files: newFiles, images: newImages, workingDirectory, allow };
    const report = await edit.watch.time('publish', () => publish(request, this.#dependencies));
    if (!report.success) throw new Failure('NotBrought', { what: 'Not everything was published', next: CORRECT });
    for (const asset of [...newFiles, ...newImages]) this.#published.add(placeOf(asset));
  }

  async #deploy(
    edit: Edit,
    toDeploy: readonly AssemblyStack[],
    { assembly, parameters, owner, files = [] }: DevScope,
    templates: ReadonlyMap<AssemblyStack, string>,
  ): Promise<void> {
    if (toDeploy.length === 0) return;
    const stacks = toDeploy.map(({ id }) => id);
    const request = { assembly, stacks, parameters, owner, deploymentMode: () => 'express' as const };
    const { listener } = this.#dependencies;
    const ofRules = workspaceRules(files).map((rules) => rulesGate({ rules, listener }));
    // Nobody is asked about what may not be deployed anyway.
    const gates = [...ofRules, dataGate(this.#request.ask)];
    const dependencies = { ...this.#dependencies, gates, bootstrap: this.#bootstrap };
    const report = await edit.watch.time('deploy', () => deploy(request, dependencies));
    const changed = report.stacks.filter(({ outcome }) => outcome === 'created' || outcome === 'updated');
    if (changed.length > 0) edit.did.push(`${changed.map(({ id }) => id).join(', ')} deployed`);
    const done = report.stacks.filter(({ outcome }) => outcome !== 'failed' && outcome !== 'skipped');
    await edit.watch.time('deploy', async () => {
      const looks = done.map(async ({ id }) => {
        const stack = toDeploy.find((one) => one.id === id)!;
        const template = templates.get(stack)!;
        const names = hasSwappable(stack, template) ? await this.functions.namesIn(stack) : new Map<string, string>();
        const [functions, machines] = await Promise.all([
          this.functions.of(stack, template, names),
          this.#machines.of(stack, template, names),
        ]);
        this.#stacks.set(id, { stack, template, brought: template, functions, machines, names });
      });
      await Promise.all(looks);
    });
    if (report.success) return;
    // What became of them is looked at the next time.
    for (const { id, outcome } of report.stacks) if (outcome === 'failed') this.#stacks.delete(id);
    throw new Failure('NotBrought', { what: 'Not everything was deployed', next: CORRECT });
  }

  /** Brings past CloudFormation what it was not asked to bring, and what its templates do not show. */
  async #swapRest(edit: Edit, templates: ReadonlyMap<AssemblyStack, string>): Promise<void> {
    const outdated: DevFunction[] = [];
    const machines: DevMachine[] = [];
    for (const [stack, template] of templates) {
      const known = this.#stacks.get(stack.id);
      if (known === undefined) continue;
      const wanted = new Map(functionsOf(stack, template).map(({ logicalId, code }) => [logicalId, code]));
      for (const one of known.functions) {
        one.wanted = wanted.get(one.logicalId) ?? one.wanted;
        if (await this.functions.isOutdated(one)) outdated.push(one);
      }
      const definitions = await this.#machines.definitions(stack, template, known.names);
      for (const one of known.machines) {
        one.wanted = definitions.get(one.logicalId) ?? one.wanted;
        if (this.#machines.isOutdated(one)) machines.push(one);
      }
      this.#stacks.set(stack.id, { ...known, stack, brought: template });
    }
    if (outdated.length + machines.length === 0) return;
    await edit.watch.time('hotswap', async () => {
      // A state machine may need what a function has just learned.
      await Promise.all(outdated.map((one) => this.functions.bring(one)));
      await Promise.all(machines.map((one) => this.#machines.bring(one)));
    });
    if (outdated.length > 0) edit.did.push(`${count(outdated.length, 'function')} swapped`);
    if (machines.length > 0) edit.did.push(`${count(machines.length, 'state machine')} swapped`);
  }
}

const DEPLOYMENT: Difference = { kind: 'deployment' };
const CORRECT = 'see above; correct it and save again';

function placeOf(asset: FileAsset | ImageAsset): string {
  const { account, region } = asset.target;
  const [place, name] = 'tag' in asset ? [asset.repository, asset.tag] : [asset.bucket, asset.key];
  return `${account}/${region} ${place} ${name}`;
}

function hasSwappable(stack: AssemblyStack, template: string): boolean {
  return functionsOf(stack, template).length > 0 || machineIdsOf(parseTemplate(template)).length > 0;
}

/** `a.ts`, or `a.ts and 3 more` */
function named([first = '', ...others]: readonly string[]): string {
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}
