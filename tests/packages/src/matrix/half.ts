import { CELLS, titleOf } from '../cells.ts';
import { travel } from '../journeys/index.ts';

/**
 * Tests of every second cell. There are two files of them, since Jest runs files at the same time, and a journey waits
 * a good deal: for registries, and for Nx to start.
 */
export function testHalf(first: 0 | 1): void {
  const half = CELLS.filter((_, index) => index % 2 === first);
  test.each(half.map((cell) => [titleOf(cell), cell] as const))('%s', (_title, cell) => travel(cell));
}
