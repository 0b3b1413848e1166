// Takes an administrator's orders while this elector leads, and answers each one once: when it is
// committed, when it is refused, or when the office ends before either (C1).
import { unreachable } from '@koi/lib/assert';
import type { Instant } from '@koi/lib/time';
import type { Charter } from './charter.ts';
import { weigh } from './commands.ts';
import type { CommandRefusal } from './effect.ts';
import type { Command } from './input.ts';
import type { Mastership } from './mastership.ts';
import type { Outputs } from './outputs.ts';
import type { Roster } from './roster.ts';

/** How many orders may wait for a new leader's first commit; further ones are refused. */
export const ORDERS_MAX = 64;

interface Order {
  readonly id: number;
  readonly command: Command;
}

export class OrderDesk {
  private readonly roster: Roster;
  private readonly outputs: Outputs;
  /** For the leader's first commit. */
  private readonly waiting: Order[] = [];
  /** For their own commit. */
  private readonly uncommitted = new Set<number>();

  constructor(roster: Roster, outputs: Outputs) {
    this.roster = roster;
    this.outputs = outputs;
  }

  take(order: Order, office: Mastership | undefined, now: Instant): void {
    if (office === undefined) {
      this.refuse(order.id, 'NO_LEADER', 'this elector does not lead');
    } else if (office.ready) {
      this.carryOut(order, office, now);
    } else if (this.waiting.length < ORDERS_MAX) {
      this.waiting.push(order);
    } else {
      this.refuse(order.id, 'NO_LEADER', 'the leader is taking over and too many orders wait');
    }
  }

  /** The leader's first commit is through. */
  open(office: Mastership, now: Instant): void {
    for (const order of this.waiting.splice(0)) this.carryOut(order, office, now);
  }

  /** The office is over. */
  close(reason: string): void {
    const lost = `the leader lost its office before the order was safe: ${reason}; it may yet take effect, once`;
    for (const id of this.uncommitted) this.refuse(id, 'OUTCOME_UNKNOWN', lost);
    this.uncommitted.clear();
    for (const { id } of this.waiting.splice(0)) {
      this.refuse(id, 'NO_LEADER', `the leader lost its office: ${reason}`);
    }
  }

  private carryOut({ id, command }: Order, office: Mastership, now: Instant): void {
    const { replication } = office;
    if (replication.full) {
      this.refuse(id, 'NO_QUORUM', 'too many orders wait for a majority of the electors');
      return;
    }
    const verdict = weigh(command, office, this.roster, now);
    const held = verdict.kind === 'holds';
    const answer = (charter: Charter) => {
      this.uncommitted.delete(id);
      this.outputs.add({ kind: 'answer', id, revision: charter.revision, held });
    };
    switch (verdict.kind) {
      case 'refused':
        this.refuse(id, verdict.reason, verdict.text);
        return;
      case 'holds':
        if (replication.draft === replication.committed) {
          answer(replication.draft);
          return;
        }
        // What holds may not be committed yet: one more version commits it too.
        office.propose({}, undefined, now, answer);
        break;
      case 'confirm-down':
        office.confirmDown(verdict.runner, now, answer);
        break;
      case 'change':
        office.propose(verdict.change, verdict, now, (charter) => {
          this.outputs.log('info', verdict.text);
          answer(charter);
        });
        break;
      default:
        unreachable(verdict);
    }
    this.uncommitted.add(id);
  }

  private refuse(id: number, reason: CommandRefusal, text: string): void {
    this.outputs.add({ kind: 'refuse', id, reason, text });
  }
}
