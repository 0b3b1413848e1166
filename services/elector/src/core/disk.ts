// Knows what is on disk. A write never blocks anything; what must be durable first waits here.
import type { Duration, Instant } from '@koi/lib/time';
import { NEVER } from '@koi/lib/time';
import type { Effect, ElectorRecord } from './effect.ts';

/** A failed write is tried again after this long. */
export const DISK_RETRY: Duration = 1_000;

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
  /** One per purpose: a newer one replaces an older one, so its number is bounded. */
  private readonly waiters = new Map<string, Waiter>();

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
      this.waiters.delete(purpose);
      run(now);
    } else {
      this.waiters.set(purpose, { number, run });
    }
  }

  persisted(number: number, now: Instant): void {
    this.durable = Math.max(this.durable, number);
    this.failure = '';
    this.pendingSince = this.durable >= this.number ? undefined : now;
    for (const [purpose, waiter] of [...this.waiters]) {
      if (waiter.number > this.durable || this.waiters.get(purpose) !== waiter) continue;
      this.waiters.delete(purpose);
      waiter.run(now);
    }
  }

  failed(number: number, reason: string, now: Instant): void {
    if (number < this.number) return;
    this.failure = reason;
    this.retryAt = now + DISK_RETRY;
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
