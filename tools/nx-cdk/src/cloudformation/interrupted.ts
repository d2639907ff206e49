/** The run was asked to stop before this stack reached a point of no return; nothing is wrong with the stack. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted');
    this.name = 'Interrupted';
  }
}
