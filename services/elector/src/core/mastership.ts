// Who is master: the leader's office. Renews the holder's lease, lets the role change hands only when the
// holder is released or counted out, and chooses the next one by the table in `rules.ts` (M1 to M8).
import type { Instant, WallTime } from '@koi/lib/time';
import { NEVER } from '@koi/lib/time';
import type { Charter } from './charter.ts';
import { describeLapse, describeNobody, describeUnconfirmed } from './lapse.ts';
import {
  awaitedTarget,
  type Circumstances,
  obstacle,
  targetAwaitedUntil,
  type Waiting,
} from './obstacle.ts';
import type { ElectorOptions } from './options.ts';
import { Orders, type OrdersParts } from './orders.ts';
import type { Outputs } from './outputs.ts';
import type { Replication } from './replication.ts';
import type { Roster, RosterEntry } from './roster.ts';
import { type Choice, choose, rejection, type Situation } from './rules.ts';
import type { Tenure } from './tenure.ts';
import { type DecisionNote, withDecision } from './timeline.ts';

/** What an office is made with. */
export interface MastershipParts extends OrdersParts {
  /** What the wall clock is ahead of our own, for the timeline. */
  readonly wallOffset: () => WallTime;
  readonly startedAt: Instant;
}

/** One leader's office, from C2's commit to its end. */
export class Mastership {
  readonly replication: Replication;
  readonly tenure: Tenure;
  private readonly options: ElectorOptions;
  private readonly roster: Roster;
  private readonly outputs: Outputs;
  private readonly orders: Orders;
  private readonly startedAt: Instant;
  private readonly wallOffset: () => WallTime;
  /** The charter that this leader inherited knew runners: they are waited for at a first start. */
  private readonly knewRunners: boolean;
  /** A change of hands waits for its commit: nothing else is decided meanwhile. */
  private deciding = 0;
  /** Holders that were released or counted out: what they still say of themselves blocks nobody. */
  private readonly gone = new Set<string>();
  private waitingFor: Waiting | undefined;

  constructor(parts: MastershipParts) {
    this.options = parts.options;
    this.roster = parts.roster;
    this.outputs = parts.outputs;
    this.replication = parts.replication;
    this.tenure = parts.tenure;
    this.startedAt = parts.startedAt;
    this.wallOffset = parts.wallOffset;
    this.knewRunners = parts.replication.draft.runners.length > 0;
    this.orders = new Orders(parts);
  }

  /** C2: committed in its own term; only then it decides or renews anything. */
  get ready(): boolean {
    return this.replication.committed !== undefined;
  }

  /** What keeps it from choosing a master now. */
  get waiting(): Waiting | undefined {
    return this.waitingFor;
  }

  /** M1: answers a report of a runner. */
  onReport(entry: RosterEntry, now: Instant): void {
    if (!this.ready) return;
    this.noteAcknowledgement(entry, now);
    this.orders.assign(entry, now);
  }

  /** M8: the holder has carried out the end of maintenance; from here on time counts again. */
  private noteAcknowledgement(entry: RosterEntry, now: Instant): void {
    const { draft } = this.replication;
    const { report } = entry;
    if (report === undefined || entry.name !== draft.master || draft.maintenance) return;
    // M7: a new session under its name knows nothing of what the one that holds the epoch left promoted.
    if (!this.mayHold(entry, draft)) return;
    if (draft.maintenanceAcknowledged >= draft.maintenanceChange) return;
    if (report.maintenance || report.maintenanceChange < draft.maintenanceChange) return;
    this.tenure.acknowledged(now);
    this.replication.propose({ maintenanceAcknowledged: draft.maintenanceChange }, now, () => {});
  }

  /** M7: whether a runner's session is the one that holds the epoch, or knows that it does. */
  mayHold(entry: RosterEntry | undefined, charter: Charter): boolean {
    return entry !== undefined && this.orders.mayHold(entry, charter);
  }

  /** Decides what there is to decide, then tells every runner whose orders have changed. */
  decide(now: Instant): void {
    if (!this.ready) return;
    this.noteRunners(now);
    this.noteForgottenMaintenance(now);
    this.waitingFor = undefined;
    if (this.deciding === 0) this.decideRole(now);
    for (const entry of this.roster.all()) this.orders.assignIfChanged(entry, now);
  }

  /** Commits runners that are new, and forgets those that were not heard for long. */
  private noteRunners(now: Instant): void {
    const { draft } = this.replication;
    const unknown = this.roster
      .all()
      .filter((entry) => entry.report !== undefined && !draft.runners.includes(entry.name))
      // One that an earlier leader forgot is not brought back by what was heard of it long ago.
      .filter((entry) => now < entry.heardAt + this.options.forgetAfter)
      .map((entry) => entry.name);
    const forgotten = draft.runners.filter((name) => now >= this.forgetAt(name));
    if (unknown.length === 0 && forgotten.length === 0) return;
    for (const name of forgotten) this.roster.forget(name);
    const runners = [
      ...draft.runners.filter((name) => !forgotten.includes(name)),
      ...unknown,
    ].sort();
    const stopped = draft.stopped.filter((name) => !forgotten.includes(name));
    this.replication.propose({ runners, stopped }, now, () => {});
  }

  /**
   * M8: where a lost majority has forgotten changes that runners were told of, the count goes on above theirs:
   * they would obey no lower one.
   */
  private noteForgottenMaintenance(now: Instant): void {
    const { draft } = this.replication;
    const highest = this.roster.highestMaintenanceChange();
    if (highest <= draft.maintenanceChange) return;
    this.replication.propose({ maintenanceChange: highest + 1 }, now, () => {});
  }

  private forgetAt(name: string): Instant {
    const { draft } = this.replication;
    if (name === draft.master || name === draft.target) return NEVER;
    const heardAt = this.roster.get(name)?.heardAt ?? this.startedAt;
    return Math.max(heardAt, this.startedAt) + this.options.forgetAfter;
  }

  private decideRole(now: Instant): void {
    const { draft } = this.replication;
    if (draft.maintenance) {
      this.waitingFor = {
        text: 'maintenance is on: nobody is elected, demoted or counted out',
        until: NEVER,
      };
      return;
    }
    this.dropLostTarget(now);
    if (this.deciding > 0) return;
    if (this.replication.draft.master === undefined) this.fill(now);
    else this.reviewHolder(this.replication.draft.master, now);
  }

  private situation(now: Instant): Situation {
    return { charter: this.replication.draft, roster: this.roster, options: this.options, now };
  }

  private circumstances(now: Instant): Circumstances {
    const { startedAt, knewRunners, gone } = this;
    const { countedOutAt } = this.tenure;
    return { ...this.situation(now), startedAt, knewRunners, countedOutAt, gone };
  }

  /** A switchover whose target can no longer be master is called off. */
  private dropLostTarget(now: Instant): void {
    const { target } = this.replication.draft;
    if (target === undefined || awaitedTarget(this.circumstances(now)) !== undefined) return;
    const entry = this.roster.get(target);
    const against = entry === undefined ? undefined : rejection(entry, this.situation(now));
    const reason = entry === undefined ? 'not heard' : against?.reason;
    if (reason === undefined) return;
    this.commit(
      { target: undefined },
      {
        subject: target,
        rule: 'target-lost',
        text: `${target} is no longer wanted as master: ${reason}`,
      },
      now,
    );
  }

  /** M2: the role leaves its holder only when that one is released or counted out. */
  private reviewHolder(holder: string, now: Instant): void {
    const { draft } = this.replication;
    const entry = this.roster.get(holder);
    if ((entry?.report?.released ?? 0) >= draft.epoch) {
      this.passOn(holder, 'released', this.describeRelease(entry, holder), now);
      return;
    }
    // M8: one that has not acknowledged the end of maintenance is not counted out by time.
    if (draft.maintenanceAcknowledged < draft.maintenanceChange) {
      const anew = this.roster.heard(entry, now) && !this.mayHold(entry, draft);
      this.waitingFor = { text: describeUnconfirmed(holder, anew), until: NEVER };
      return;
    }
    const unleased = this.tenure.neverLeased(draft.epoch) && !this.orders.renewable(entry, now);
    if (unleased || (now >= this.tenure.countedOutAt && !this.orders.renewable(entry, now))) {
      this.passOn(holder, 'counted-out', this.lapseOf(holder, unleased, now), now);
    } else if (!this.roster.heard(entry, now)) {
      const text = `${holder} is not heard: its lease and grace must be over first`;
      this.waitingFor = { text, until: this.tenure.countedOutAt };
    }
  }

  private describeRelease(entry: RosterEntry | undefined, holder: string): string {
    const { target } = this.replication.draft;
    // For a switchover the choice itself says why.
    if (target !== undefined) return `${holder} has stepped down`;
    return `${holder} has stepped down: ${this.orders.reasonToGo(entry) ?? 'it gave the role back'}`;
  }

  private lapseOf(holder: string, unleased: boolean, now: Instant): string {
    const entry = this.roster.get(holder);
    const heard = this.roster.heard(entry, now);
    const silence = entry?.report === undefined ? undefined : now - entry.heardAt;
    const { lastLease: lease } = this.tenure;
    return describeLapse({ holder, unleased, heard, silence, lease, times: this.options.times });
  }

  /** Takes the role from a holder that is down, and gives it to the next one where there is one. */
  private passOn(holder: string, rule: string, why: string, now: Instant): void {
    this.tenure.freed();
    this.gone.add(holder);
    const { draft } = this.replication;
    const blocked = obstacle(this.circumstances(now));
    const choice = blocked === undefined ? choose(this.situation(now)) : undefined;
    if (choice?.chosen !== undefined) {
      this.elect(choice, why, now);
      return;
    }
    const nobody = blocked?.text ?? describeNobody(choice);
    const text = `${why}; nobody is promoted: ${nobody}`;
    this.commit(
      { master: undefined, masterSession: undefined },
      { subject: holder, rule, text },
      now,
    );
    this.waitingFor = blocked ?? { text: nobody, until: NEVER };
    this.outputs.log('info', `epoch ${draft.epoch} of ${holder} is over`);
  }

  /** Nobody holds the role. */
  private fill(now: Instant): void {
    const blocked = obstacle(this.circumstances(now));
    if (blocked !== undefined) {
      this.waitingFor = blocked;
      return;
    }
    const choice = choose(this.situation(now));
    if (choice.chosen === undefined)
      this.waitingFor = { text: describeNobody(choice), until: NEVER };
    else this.elect(choice, '', now);
  }

  /** M3: a fresh epoch, above every one reported; committed before the first lease under it is sent. */
  private elect(choice: Choice, why: string, now: Instant): void {
    const { draft } = this.replication;
    const { chosen } = choice;
    if (chosen === undefined) return;
    const epoch = Math.max(draft.epoch, this.roster.highestEpoch()) + 1;
    const before = why === '' ? '' : `${why}; `;
    const text = `${before}${chosen.name} is promoted (epoch ${epoch}): ${choice.reason}`;
    this.tenure.elected(epoch);
    this.gone.delete(chosen.name);
    this.commit(
      {
        master: chosen.name,
        masterSession: chosen.session,
        epoch,
        target: undefined,
        // M8: a new holder is not in maintenance, so no end is left to acknowledge.
        maintenanceAcknowledged: draft.maintenanceChange,
      },
      { subject: chosen.name, rule: choice.rule, text },
      now,
    );
  }

  /** Commits a change of the role with its reason; until it is through nothing else is decided. */
  private commit(change: Partial<Charter>, note: DecisionNote, now: Instant): void {
    this.deciding += 1;
    this.propose(change, note, now, () => {
      this.deciding -= 1;
      this.outputs.log('info', note.text);
    });
  }

  /** Commits any change with a decision of the timeline. */
  propose(
    change: Partial<Charter>,
    note: DecisionNote,
    now: Instant,
    onCommit: (charter: Charter, now: Instant) => void,
  ): void {
    const { draft, term } = this.replication;
    const context = { term, epoch: change.epoch ?? draft.epoch, at: this.wallOffset() + now };
    const decisions = withDecision(draft, note, context);
    this.replication.propose({ ...change, decisions }, now, (charter, then) => {
      this.outputs.markChanged();
      onCommit(charter, then);
    });
  }

  /** M8: an administrator's word that the holder is down ends every wait for it. */
  confirmDown(holder: string, now: Instant, onCommit: (charter: Charter) => void): void {
    this.tenure.freed();
    this.gone.add(holder);
    const text = `${holder} is down: an administrator confirmed it`;
    this.deciding += 1;
    this.propose(
      { master: undefined, masterSession: undefined },
      { subject: holder, rule: 'confirmed-down', text },
      now,
      (charter) => {
        this.deciding -= 1;
        onCommit(charter);
      },
    );
  }

  /** Why a runner cannot become master now; undefined: it could. */
  objection(name: string, now: Instant): string | undefined {
    const entry = this.roster.get(name);
    if (entry === undefined) return 'has not reported since this leader began';
    return rejection(entry, this.situation(now))?.reason;
  }

  deadlines(): readonly Instant[] {
    const { draft } = this.replication;
    const forget = draft.runners.map((name) => this.forgetAt(name));
    const first = this.startedAt + this.options.initialPromotion;
    return [
      this.tenure.countedOutAt,
      first,
      targetAwaitedUntil(this.options, this.startedAt),
      ...forget,
    ];
  }
}
