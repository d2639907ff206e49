/** Bounds how many bytes are held in memory at a time. First come, first served, so that nothing starves. */
export class ByteBudget {
  readonly #total: number;
  #free: number;
  readonly #waiting: Array<{ bytes: number; start: () => void }> = [];

  /** @param total in bytes */
  constructor(total: number) {
    this.#total = total;
    this.#free = total;
  }

  /**
   * Waits until there is room. What asks for more than the whole budget gets all of it. Returns what gives the room
   * back.
   */
  async take(bytes: number): Promise<() => void> {
    const wanted = Math.min(bytes, this.#total);
    await new Promise<void>((start) => {
      this.#waiting.push({ bytes: wanted, start });
      this.#serve();
    });
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#free += wanted;
      this.#serve();
    };
  }

  #serve(): void {
    while (this.#waiting[0] && this.#waiting[0].bytes <= this.#free) {
      const next = this.#waiting.shift()!;
      this.#free -= next.bytes;
      next.start();
    }
  }
}
