/** Bounds how many bytes are held in memory at a time. First come, first served, so that nothing starves. */
export class ByteBudget {
  readonly #total: number;
  #free: number;
  readonly #waiting: { readonly bytes: number; readonly start: () => void }[] = [];

  /** @param total in bytes */
  constructor(total: number) {
    this.#total = total;
    this.#free = total;
  }

  /** Waits until there is room; more than the whole budget counts as all of it. Disposing of it gives it back. */
  async take(bytes: number): Promise<Disposable> {
    const wanted = Math.min(bytes, this.#total);
    await new Promise<void>((start) => {
      this.#waiting.push({ bytes: wanted, start });
      this.#serve();
    });
    let held = wanted;
    const giveBack = () => {
      this.#free += held;
      held = 0;
      this.#serve();
    };
    return { [Symbol.dispose]: giveBack };
  }

  #serve(): void {
    while (this.#waiting[0] && this.#waiting[0].bytes <= this.#free) {
      const next = this.#waiting.shift()!;
      this.#free -= next.bytes;
      next.start();
    }
  }
}
