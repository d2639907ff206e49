import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { CI, type Place } from 'test-bed';

/** A CDK app as its owners wrote it. */
export interface ExampleApp {
  /** Its folder, below that of all. */
  readonly name: string;
  /** Absolute. */
  readonly folder: string;
}

/** Every folder with a cdk.json, in the order of names. */
export async function examplesIn(root: string): Promise<ExampleApp[]> {
  const found: ExampleApp[] = [];
  const look = async (folder: string): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true });
    if (entries.some(({ name }) => name === 'cdk.json')) found.push({ name: relative(root, folder), folder });
    else
      for (const each of entries)
        if (each.isDirectory() && each.name !== 'node_modules') await look(join(folder, each.name));
  };
  await look(root);
  return found.toSorted((one, other) => one.name.localeCompare(other.name));
}

interface Manifest {
  readonly artifacts?: Readonly<Record<string, { type: string; environment?: string; properties?: Properties }>>;
}

interface Properties {
  readonly directoryName?: string;
}

/** Where an assembly goes; an app that names no account or region goes to those of who deploys it. */
export async function placesOf(assembly: string): Promise<Place[]> {
  const { artifacts = {} } = JSON.parse(await readFile(join(assembly, 'manifest.json'), 'utf8')) as Manifest;
  const places = new Map<string, Place>();
  for (const { type, environment = '', properties } of Object.values(artifacts)) {
    if (type === 'cdk:cloud-assembly' && properties?.directoryName !== undefined)
      for (const place of await placesOf(join(assembly, properties.directoryName)))
        places.set(`${place.account}/${place.region}`, place);
    if (type !== 'aws:cloudformation:stack') continue;
    const [account = '', region = ''] = environment.replace('aws://', '').split('/');
    const place = {
      account: account === 'unknown-account' ? CI.account : account,
      region: region === 'unknown-region' ? CI.region : region,
    };
    places.set(`${place.account}/${place.region}`, place);
  }
  return [...places.values()];
}
