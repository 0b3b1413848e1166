// Knows what is on disk. A write never blocks anything; what must be durable first waits here.
import type { Duration, Instant } from '@koi/lib/time';
import { NEVER } from '@koi/lib/time';
import type { Effect, ElectorRecord } from './effect.ts';

/** A failed write is tried again after so many times what makes a write overdue. */
export const DISK_RETRY_SHARE = 5;

type Waiter = { readonly number: number; readonly run: (now: Instant) => void };

export class Disk {
  private readonly outputs: { add(effect: Effect): void };
  /** A write that takes longer than this keeps the elector from standing (P4). */
  private readonly overdueAfter: Duration;
  private number = 0;
  private durable = 0;
  private pendingSince: Instant | undefined;
  private newest: ElectorRecord | undefined;
  private retryAt: Instant = NEVER;
  private failure = '';
  /**
   * The oldest and the newest of each purpose, so their number is bounded and a stream of writes faster than
   * the disk is told of all the same.
   */
  private readonly waiters = new Map<string, readonly Waiter[]>();

  constructor(outputs: { add(effect: Effect): void }, overdueAfter: Duration) {
    this.outputs = outputs;
    this.overdueAfter = overdueAfter;
  }

  /** Asks for a record to be written. Returns the number under which it becomes durable. */
  write(record: ElectorRecord, now: Instant): number {
    this.number += 1;
    this.newest = record;
    this.pendingSince ??= now;
    this.retryAt = NEVER;
    this.outputs.add({ kind: 'persist', number: this.number, record });
    return this.number;
  }

  /** Runs when the write of that number is durable; at once where it is. */
  whenDurable(purpose: string, number: number, now: Instant, run: (now: Instant) => void): void {
    if (this.durable >= number) {
      run(now);
      return;
    }
    const [oldest] = this.waiters.get(purpose) ?? [];
    const newest = { number, run };
    this.waiters.set(purpose, oldest === undefined ? [newest] : [oldest, newest]);
  }

  persisted(number: number, now: Instant): void {
    this.durable = Math.max(this.durable, number);
    this.failure = '';
    this.pendingSince = this.durable >= this.number ? undefined : now;
    const ready: Waiter[] = [];
    for (const [purpose, waiters] of this.waiters) {
      ready.push(...waiters.filter((waiter) => waiter.number <= this.durable));
      const left = waiters.filter((waiter) => waiter.number > this.durable);
      if (left.length > 0) this.waiters.set(purpose, left);
      else this.waiters.delete(purpose);
    }
    for (const waiter of ready) waiter.run(now);
  }

  failed(number: number, reason: string, now: Instant): void {
    if (number < this.number) return;
    this.failure = reason;
    this.retryAt = now + DISK_RETRY_SHARE * this.overdueAfter;
  }

  /** Tries a failed write again. */
  expire(now: Instant): void {
    if (now < this.retryAt || this.newest === undefined) return;
    this.write(this.newest, now);
  }

  /** P4: no write failed or is overdue. */
  sound(now: Instant): boolean {
    if (this.failure !== '') return false;
    return this.pendingSince === undefined || now < this.pendingSince + this.overdueAfter;
  }

  /** Why the last write failed; empty where none did. */
  get problem(): string {
    return this.failure;
  }

  get deadline(): Instant {
    return this.retryAt;
  }
}
