import { openTestBed } from 'test-bed';
import type { Beginning, Cell } from '../cells.ts';
import { Guest } from '../guest.ts';
import { cdkInitRepository } from './cdk-init.ts';
import { existingWorkspace } from './existing.ts';
import { preset } from './preset.ts';

const JOURNEYS: Readonly<Record<Beginning, (...given: Parameters<typeof existingWorkspace>) => Promise<void>>> = {
  preset,
  'existing workspace': existingWorkspace,
  'cdk init in TypeScript': (guest, bed) => cdkInitRepository(guest, bed, 'typescript'),
  'cdk init in Python': (guest, bed) => cdkInitRepository(guest, bed, 'python'),
};

/** Goes the whole way of one cell, on an empty local AWS. */
export async function travel(cell: Cell): Promise<void> {
  const bed = await openTestBed();
  try {
    const guest = await Guest.create(cell);
    try {
      await JOURNEYS[cell.beginning](guest, bed);
    } finally {
      await guest.remove();
    }
  } finally {
    await bed.close();
  }
}
