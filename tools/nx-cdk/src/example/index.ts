export { type ExampleFolder, writeExample } from './write-example.ts';
