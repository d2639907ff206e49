import type { Clock } from '../clock.ts';

/** Time that jumps to the next sleeper whenever nothing else is left to do: hours of waiting take milliseconds. */
export class VirtualClock implements Clock {
  #now = Date.parse('2026-01-01T00:00:00Z');
  #sleepers: { due: number; wake: () => void }[] = [];
  #pumping = false;

  now(): number {
    return this.#now;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const sleeper = { due: this.#now + milliseconds, wake: resolve };
      if (signal?.aborted) return resolve();
      signal?.addEventListener('abort', () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        resolve();
      });
      this.#sleepers.push(sleeper);
      void this.#pump();
    });
  }

  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#sleepers.length > 0) {
      // Whatever is under way without sleeping gets its turn before time goes on.
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      this.#sleepers.sort((a, b) => a.due - b.due);
      const next = this.#sleepers.shift();
      if (!next) break;
      this.#now = Math.max(this.#now, next.due);
      next.wake();
    }
    this.#pumping = false;
  }
}
