/** Measures the parts of an edit. */
export class Stopwatch {
  readonly #startedAt = performance.now();
  readonly #parts = new Map<string, number>();

  /** Adds the time of some work to a part. */
  async time<Result>(part: string, work: () => Promise<Result>): Promise<Result> {
    const startedAt = performance.now();
    try {
      return await work();
    } finally {
      this.#parts.set(part, (this.#parts.get(part) ?? 0) + performance.now() - startedAt);
    }
  }

  /** Seconds by part, in the order in which they began to be measured. */
  get seconds(): Record<string, number> {
    return Object.fromEntries([...this.#parts].map(([part, milliseconds]) => [part, rounded(milliseconds)]));
  }

  /** `0.62 s (build 0.31 s, hotswap 0.24 s)` */
  toString(): string {
    const parts = Object.entries(this.seconds).map(([part, seconds]) => `${part} ${seconds.toFixed(2)} s`);
    const whole = `${rounded(performance.now() - this.#startedAt).toFixed(2)} s`;
    return parts.length === 0 ? whole : `${whole} (${parts.join(', ')})`;
  }
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds / 10) / 100;
}
