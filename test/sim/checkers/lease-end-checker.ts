// A lost lease is down within demoteGrace (M4), observed at the scripts in true time. The lease is worked out
// here a second time, from the reports that left and the assignments that came, by the clock of the host.
import type { Assignment, Report } from '../../../services/runner/src/core/assignment.ts';
import type { Observer } from '../observer.ts';
import type { SimProcess } from '../sim-process.ts';
import type { SimRunner } from '../sim-runner.ts';
import type { World } from '../world.ts';

/** What stands still cannot act: it is looked at again after this share of demoteGrace. */
const LOOK_AGAIN = 0.05;

/** Reports that are remembered until they are answered. */
const REPORTS_KEPT = 200;

/** What one life of a runner was told. Instants of its host's clock. */
interface Life {
  readonly process: SimProcess;
  readonly hostLife: number;
  readonly sentAt: Map<number, number>;
  term: number;
  sequence: number;
  epoch: number;
  leaseEnd: number;
  /** The same without what was heard last: a process that dies in that step may not have kept it. */
  endBefore: number;
  /** When no process of the host may hold the lease for running any longer, at the earliest. */
  keptEnd: number;
  /** Told of it, and not known to know of its end. */
  maintenance: boolean;
  /** Since when, in true time, it is known to know of it; undefined: it is not, or was told of its end. */
  acknowledgedAt: number | undefined;
  maintenanceChange: number;
  maintenanceEnd: number;
}

export class LeaseEndChecker implements Observer {
  readonly #world: World;
  readonly #demoteGrace: number;
  readonly #lives = new Map<SimRunner, Life>();
  /** Runners that are to be looked at. */
  readonly #watched = new Set<SimRunner>();

  constructor(world: World, demoteGrace: number) {
    this.#world = world;
    this.#demoteGrace = demoteGrace;
  }

  runnerReports(runner: SimRunner, report: Report): void {
    const life = this.#lifeOf(runner);
    const { number, maintenance, maintenanceChange } = report;
    // M8: only from its acknowledgement on the host is to act on it.
    if (maintenanceChange >= life.maintenanceChange) {
      if (life.maintenance && !maintenance) life.maintenanceEnd = runner.host.clock.now();
      life.maintenance = maintenance;
      if (!maintenance) life.acknowledgedAt = undefined;
      else if (maintenanceChange > life.maintenanceChange) life.acknowledgedAt = this.#world.now;
      life.maintenanceChange = maintenanceChange;
    }
    this.#watch(runner);
    const { sentAt } = life;
    if (sentAt.has(number)) return;
    sentAt.set(number, runner.host.clock.now());
    const [oldest] = sentAt.keys();
    if (oldest !== undefined && sentAt.size > REPORTS_KEPT) sentAt.delete(oldest);
  }

  runnerHears(runner: SimRunner, assignment: Assignment): void {
    const life = this.#lifeOf(runner);
    const { term, sequence, maintenance, lease, number } = assignment;
    // M7: what comes late is dropped.
    if (term < life.term || (term === life.term && sequence <= life.sequence)) return;
    life.term = term;
    life.sequence = sequence;
    const now = runner.host.clock.now();
    // M2: an epoch whose lease has ended is leased no more; maintenance keeps it from ending (M8).
    const ended = !life.maintenance && now >= life.leaseEnd;
    if (maintenance !== undefined && maintenance.change > life.maintenanceChange) {
      life.maintenance ||= maintenance.on;
      if (!maintenance.on) life.acknowledgedAt = undefined;
    }
    const sentAt = life.sentAt.get(number);
    life.endBefore = life.leaseEnd;
    if (lease !== undefined && sentAt !== undefined) {
      const end = sentAt + lease.duration;
      if (lease.epoch > life.epoch && end > now) {
        life.epoch = lease.epoch;
        life.leaseEnd = end;
      } else if (lease.epoch === life.epoch && !ended) {
        life.leaseEnd = Math.max(life.leaseEnd, end);
      }
    }
    life.keptEnd = life.leaseEnd;
    this.#watch(runner);
  }

  promotionChanged(runner: SimRunner): void {
    this.#watch(runner);
  }

  #lifeOf(runner: SimRunner): Life {
    const { process } = runner;
    const known = this.#lives.get(runner);
    if (process === undefined) throw new Error(`${runner.name} speaks and is not there`);
    if (known?.process === process) return known;
    // M6: a process of the same life of the host goes on with what the one before it held.
    const before = runner.host.life === known?.hostLife ? known : undefined;
    const life = {
      ...{ process, hostLife: runner.host.life, sentAt: new Map(), term: 0, sequence: 0 },
      ...{ epoch: before?.epoch ?? 0, leaseEnd: before?.leaseEnd ?? 0 },
      ...{ endBefore: before?.endBefore ?? 0 },
      ...{ keptEnd: (runner.diedBefore ? before?.endBefore : before?.leaseEnd) ?? 0 },
      ...{ maintenance: before?.maintenance ?? false },
      ...{ acknowledgedAt: before?.acknowledgedAt },
      ...{ maintenanceChange: before?.maintenanceChange ?? 0 },
      ...{ maintenanceEnd: before?.maintenanceEnd ?? 0 },
    };
    this.#lives.set(runner, life);
    return life;
  }

  /** What the processes of a host's present life were told; undefined: nothing yet. */
  #known(runner: SimRunner): Life | undefined {
    const known = this.#lives.get(runner);
    return known?.hostLife === runner.host.life ? known : undefined;
  }

  /** Whether no lease covers what is promoted, by the host's clock, and maintenance does not either. */
  isOver(runner: SimRunner): boolean {
    const { maintenance = false, keptEnd = 0, maintenanceEnd = 0 } = this.#known(runner) ?? {};
    return !maintenance && runner.host.clock.now() >= Math.max(keptEnd, maintenanceEnd);
  }

  /** M8: since when, in true time, the host knows of maintenance; undefined: it does not, or has heard of its end. */
  maintenanceSince(runner: SimRunner): number | undefined {
    return this.#known(runner)?.acknowledgedAt;
  }

  /** When a runner must be down, by its clock; undefined: in maintenance it need not. */
  #dueAt(runner: SimRunner): number | undefined {
    const { maintenance = false, leaseEnd = 0, maintenanceEnd = 0 } = this.#known(runner) ?? {};
    if (maintenance) return undefined;
    return Math.max(leaseEnd, maintenanceEnd) + this.#demoteGrace;
  }

  #watch(runner: SimRunner): void {
    if (this.#watched.has(runner) || !runner.scripts.promoted) return;
    const due = this.#dueAt(runner);
    if (due === undefined) return;
    this.#watched.add(runner);
    runner.host.clock.wait(due, 0, () => this.#look(runner, false));
  }

  #look(runner: SimRunner, pausedBefore: boolean): void {
    this.#watched.delete(runner);
    if (!runner.scripts.promoted) return;
    const due = this.#dueAt(runner);
    const now = runner.host.clock.now();
    if (due === undefined || due > now) {
      this.#watch(runner);
      return;
    }
    const paused = isUnattended(runner);
    if (paused || pausedBefore) {
      this.#watched.add(runner);
      this.#world.after(LOOK_AGAIN * this.#demoteGrace, () => this.#look(runner, paused));
      return;
    }
    const late = Math.round(now - due);
    const text = `${runner.name} is still promoted ${late} ms after the end of its demoteGrace`;
    this.#world.violate('a lost lease is down within demoteGrace', text);
  }
}

/** Where the runner is gone or stands still the deadman acts; where that one does too, nobody can. */
function isUnattended({ alive, process, deadman }: SimRunner): boolean {
  if (!deadman.stuck) return false;
  return !alive || process?.paused === true || deadman.acting;
}
