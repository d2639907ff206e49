/**
 * Preloaded into every Node process of another machine (`--require` in NODE_OPTIONS; `--import` starts programs in
 * another way, which their stack traces show): it is 400 days and some hours later there, and folders are listed the
 * other way round, as file systems may list them in any order.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** Milliseconds that it is later. */
const LATER = ((400 * 24 + 7) * 60 + 23) * 60_000 + 456;

const RealDate = Date;
class LaterDate extends RealDate {
  constructor(...given: [] | [number | string | Date]) {
    if (given.length === 0) super(RealDate.now() + LATER);
    else super(...given);
  }
  static override now(): number {
    return RealDate.now() + LATER;
  }
}
globalThis.Date = LaterDate as DateConstructor;
Object.defineProperty(performance, 'timeOrigin', { value: performance.timeOrigin + LATER });

const { readdir, readdirSync } = fs;
const { readdir: readdirLater } = fs.promises;
const backwards = <Listing>(listing: Listing): Listing =>
  Array.isArray(listing) ? (listing.toReversed() as Listing) : listing;
Object.assign(fs, {
  readdirSync: (...given: Parameters<typeof readdirSync>) => backwards(readdirSync(...given)),
  readdir: (...given: unknown[]) => {
    const done = given.pop() as (error: unknown, listing: unknown) => void;
    Reflect.apply(readdir, fs, [...given, (error: unknown, listing: unknown) => done(error, backwards(listing))]);
  },
});
Object.assign(fs.promises, {
  readdir: async (...given: Parameters<typeof readdirLater>) => backwards(await readdirLater(...given)),
});
syncBuiltinESMExports();
