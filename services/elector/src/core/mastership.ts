// Who is master: the leader's office. Renews the holder's lease, lets the role change hands only when the
// holder is released or counted out, and chooses the next one by the table in `rules.ts` (M1 to M8).
import type { Instant, WallTime } from '@koi/lib/time';
import { describeDuration, LONG_AGO, NEVER } from '@koi/lib/time';
import { CHANGE } from './change-rule.ts';
import { ChangeWatch, type ChangeWatchParts } from './change-watch.ts';
import type { Charter, Rejection } from './charter.ts';
import { describeChoice } from './choice-text.ts';
import { KnownRunners } from './known-runners.ts';
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
import { type Choice, choose, holdOf, rejection, type Situation } from './rules.ts';
import type { Tenure } from './tenure.ts';
import type { EventNote } from './timeline.ts';
import { TimelineKeeper } from './timeline-keeper.ts';

/** What an office is made with. */
export type MastershipParts = OrdersParts & Omit<ChangeWatchParts, 'note'>;

/** One leader's office, from C2's commit to its end. */
export class Mastership {
  readonly replication: Replication;
  readonly tenure: Tenure;
  private readonly options: ElectorOptions;
  private readonly roster: Roster;
  private readonly outputs: Outputs;
  private readonly orders: Orders;
  private readonly startedAt: Instant;
  private readonly timeline: TimelineKeeper;
  private readonly known: KnownRunners;
  private readonly watch: ChangeWatch;
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
    this.knewRunners = parts.replication.draft.runners.length > 0;
    this.orders = new Orders(parts);
    this.timeline = new TimelineKeeper(parts);
    this.known = new KnownRunners({ ...parts, timeline: this.timeline });
    const note = (each: EventNote, now: Instant) => this.timeline.note(each, now);
    this.watch = new ChangeWatch({ ...parts, note });
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
    const text = `${entry.name} has confirmed the end of maintenance`;
    const rule = CHANGE.maintenanceAcknowledged;
    this.timeline.note({ subject: entry.name, rule, text }, now);
    const acknowledged = { maintenanceAcknowledged: draft.maintenanceChange };
    this.timeline.propose(acknowledged, undefined, now, () => {});
  }

  /** M7: whether a runner's session is the one that holds the epoch, or knows that it does. */
  mayHold(entry: RosterEntry | undefined, charter: Charter): boolean {
    return entry !== undefined && this.orders.mayHold(entry, charter);
  }

  /** Decides what there is to decide, then tells every runner whose orders have changed. */
  decide(now: Instant): void {
    if (!this.ready) return;
    this.known.review(now);
    this.noteForgottenMaintenance(now);
    this.watch.look(this.situation(now));
    this.waitingFor = undefined;
    if (this.deciding === 0) this.decideRole(now);
    const { waiting } = this;
    if (this.deciding === 0) this.watch.waiting(waiting, now);
    this.timeline.flush(waiting?.until ?? NEVER, now);
    for (const entry of this.roster.all()) this.orders.assignIfChanged(entry, now);
  }

  /**
   * M8: where a lost majority has forgotten changes that runners were told of, the count goes on above theirs:
   * they would obey no lower one.
   */
  private noteForgottenMaintenance(now: Instant): void {
    const { draft } = this.replication;
    const highest = this.roster.highestMaintenanceChange();
    if (highest <= draft.maintenanceChange) return;
    this.timeline.propose({ maintenanceChange: highest + 1 }, undefined, now, () => {});
  }

  private decideRole(now: Instant): void {
    const { draft } = this.replication;
    if (draft.maintenance) {
      const text = 'maintenance is on: nobody is elected, demoted or counted out';
      this.waitingFor = { rule: 'maintenance', text, until: NEVER };
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
      const text = describeUnconfirmed(holder, anew);
      this.waitingFor = { rule: 'unconfirmed', text, until: NEVER };
      return;
    }
    const unleased = this.tenure.neverLeased(draft.epoch) && !this.orders.renewable(entry, now);
    if (unleased || (now >= this.tenure.countedOutAt && !this.orders.renewable(entry, now))) {
      this.passOn(holder, 'counted-out', this.lapseOf(holder, unleased, now), now);
    } else if (!this.roster.heard(entry, now)) {
      const text = `${holder} is not heard: its lease and grace must be over first`;
      this.waitingFor = { rule: 'holder-silent', text, until: this.tenure.countedOutAt };
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
      { subject: holder, rule, text, rejected: choice?.rejections ?? [] },
      now,
    );
    this.waitingFor = blocked ?? { rule: 'nobody', text: nobody, until: NEVER };
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
      this.waitingFor = { rule: 'nobody', text: describeNobody(choice), until: NEVER };
    else this.elect(choice, '', now);
  }

  /** M3: a fresh epoch, above every one reported; committed before the first lease under it is sent. */
  private elect(choice: Choice, why: string, now: Instant): void {
    const { draft } = this.replication;
    const { chosen } = choice;
    if (chosen === undefined) return;
    const epoch = Math.max(draft.epoch, this.roster.highestEpoch()) + 1;
    const text = describeChoice(why, chosen.name, epoch, choice.reason);
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
      { subject: chosen.name, rule: choice.rule, text, rejected: choice.rejections },
      now,
    );
  }

  /** Commits a change of the role with its reason; until it is through nothing else is decided. */
  private commit(change: Partial<Charter>, note: EventNote, now: Instant): void {
    this.deciding += 1;
    this.watch.decided(now);
    this.propose(change, note, now, () => {
      this.deciding -= 1;
      this.outputs.log('info', note.text);
    });
  }

  /** Commits any change of the charter, with its decision where there is one. */
  propose(
    change: Partial<Charter>,
    note: EventNote | undefined,
    now: Instant,
    onCommit: (charter: Charter, now: Instant) => void,
  ): void {
    this.timeline.propose(change, note, now, onCommit);
  }

  /** M8: an administrator's word that the holder is down ends every wait for it. */
  confirmDown(holder: string, now: Instant, onCommit: (charter: Charter) => void): void {
    this.tenure.freed();
    this.gone.add(holder);
    const text = `${holder} is down: an administrator confirmed it`;
    this.deciding += 1;
    this.watch.decided(now);
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

  /** Since when what speaks against a runner does. */
  since(against: Rejection): WallTime | undefined {
    return this.watch.objections.since(against);
  }

  /** What would keep it from choosing the next master if the present one were gone and nobody else had failed. */
  successionObstacle(now: Instant): Waiting | undefined {
    const given = this.circumstances(now);
    const { master } = given.charter;
    const gone = master === undefined ? given.gone : new Set([...given.gone, master]);
    return obstacle({ ...given, countedOutAt: LONG_AGO, gone });
  }

  /** Why a runner is held back after a failure; undefined: it is not. */
  hold(name: string): string | undefined {
    const { promotionHold } = this.options;
    const ago = holdOf(this.roster.get(name), promotionHold);
    if (ago === undefined) return undefined;
    return `failed ${describeDuration(ago)} ago and is held back for ${describeDuration(promotionHold)}`;
  }

  deadlines(): readonly Instant[] {
    return [
      this.tenure.countedOutAt,
      this.startedAt + this.options.initialPromotion,
      targetAwaitedUntil(this.options, this.startedAt),
      this.timeline.deadline,
      ...this.known.deadlines(),
    ];
  }
}
