/** An order as callers of the API see it. */
export interface Order {
  readonly id: string;
  /** What is ordered. */
  readonly item: string;
  /** How many, at least 1. */
  readonly quantity: number;
  /** `PLACED` until the worker has seen it, then `PROCESSED`. */
  readonly status: 'PLACED' | 'PROCESSED';
  /** ISO 8601, UTC. */
  readonly placedAt: string;
}

/** Where orders are kept: the seam between what the API means and how AWS does it. */
export interface Orders {
  /** Stores a new order and hands it to the worker. */
  place(order: Order): Promise<void>;
  /** The order with this id, or undefined. */
  find(id: string): Promise<Order | undefined>;
}
