// Kills koi-runner alone, again and again, at moments drawn from a seed, and starts it again: the proof
// that its death touches no service. What is allowed after each kill is decided by the scripts' log and by
// the lease in the runner's state directory, never by what the daemons say of themselves.
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '@koi/gen/koi/cluster/v1/cluster_pb';
import { RunnerState } from '@koi/gen/koi/cluster/v1/runner_pb';
import type { Duration, Instant } from '@koi/lib/time';
import { builtPrograms } from './cluster-options.ts';
import { type KeptLease, readKeptLease } from './kept-lease.ts';
import { LogTail } from './log-tail.ts';
import { deadMax, drawPlan, type PlannedKill, phaseMax, trialServices } from './restart-plan.ts';
import { type Fault, faultsOf, type Round } from './restart-verdict.ts';
import type { ServiceFolder } from './service-folder.ts';
import { TestCluster } from './test-cluster.ts';
import { daemonOf, isAlive, setScriptTimes, writeTrialFolder } from './trial-folder.ts';

/** Short, so that many kills fit, but long enough for demotes that take their time. */
const demoteGrace: Duration = 600;

/** And for a runner to be back before its lease ends, on this machine as busy as it is now. */
const masterLeaseMin = { fast: 1_000, default: 1_600 } as const;
const masterLeaseMax: Duration = 3_000;
const startsPerLease = 5;

/** A machine on which a start takes longer has no time for the fast times. */
const busyStart: Duration = 300;

/** A runner that shall not outlast its lease is started in this share of what is left of it. */
const deadShare = 0.25;

/** What a trial was, and what speaks against the runner. */
export interface Tally {
  readonly kills: number;
  readonly onMaster: number;
  /** Dead past the lease, or past its length where it held none. */
  readonly pastLease: number;
  readonly insideScript: number;
  /** Kills of a master's runner that was started again within its lease, and those where that was too late. */
  readonly soon: number;
  readonly late: number;
  readonly faults: readonly Fault[];
  /** Two masters at once. */
  readonly overlaps: readonly string[];
}

/** What a trial is asked for. */
export interface TrialOptions {
  readonly seed: number;
  readonly kills: number;
  /** Told of each kill and what came of it. */
  readonly say: (line: string) => void;
}

/** Starts a cluster, kills its runners as often as asked for, and removes it. */
export async function runRestartTrial({ seed, kills, say }: TrialOptions): Promise<Tally> {
  const folders = new Map<string, ServiceFolder>();
  const { preset, masterLease } = timesFor(startTime());
  say(`seed ${seed}, ${preset} times, leases of ${masterLease} ms`);
  const cluster = await TestCluster.start({
    web: false,
    times: { preset, masterLease, demoteGrace, status: 400, initialPromotion: 500 },
    addServices: (host, _directory, folder) => {
      folders.set(host, folder);
      writeTrialFolder(folder);
    },
  });
  try {
    return await new RestartTrial(cluster, folders, masterLease).run(drawPlan(seed, kills), say);
  } catch (error) {
    throw new Error(`in the trial of seed ${seed}: ${error}\n${cluster.tell()}`, { cause: error });
  } finally {
    await cluster.close();
  }
}

/** A kill that was done. */
interface Hit {
  readonly victim: string;
  readonly at: Instant;
  /** When the script began into which it fell, or should have. */
  readonly begunAt: Instant | undefined;
}

class RestartTrial {
  readonly #cluster: TestCluster;
  readonly #folders: ReadonlyMap<string, ServiceFolder>;
  readonly #masterLease: Duration;
  readonly #tail: LogTail;
  readonly #faults: Fault[] = [];
  readonly #counts = { kills: 0, onMaster: 0, pastLease: 0, insideScript: 0, soon: 0, late: 0 };

  constructor(
    cluster: TestCluster,
    folders: ReadonlyMap<string, ServiceFolder>,
    masterLease: Duration,
  ) {
    this.#cluster = cluster;
    this.#folders = folders;
    this.#masterLease = masterLease;
    const [folder] = folders.values();
    this.#tail = new LogTail(folder?.log ?? '');
  }

  async run(plan: readonly PlannedKill[], say: (line: string) => void): Promise<Tally> {
    try {
      await this.#settled();
      // A script may be over before the kill comes: such a kill is done once more, in its kind's place.
      let spare = Math.ceil(plan.length / 5);
      const queue = [...plan];
      for (let kill = queue.shift(); kill !== undefined; kill = queue.shift()) {
        const { hit, text } = await this.#round(kill);
        say(text);
        if (hit) continue;
        if (spare === 0) throw new Error('too many kills did not fall where they should');
        spare -= 1;
        queue.push(kill);
      }
      return { ...this.#counts, faults: this.#faults, overlaps: this.#cluster.faults() };
    } finally {
      this.#tail.close();
    }
  }

  /** `hit`: it fell where it should. */
  async #round(kill: PlannedKill): Promise<{ hit: boolean; text: string }> {
    const cluster = await this.#settled();
    const before = cluster.master;
    const hosts = [...this.#folders.keys()];
    const daemons = new Map(hosts.map((host) => [host, daemonOf(this.#memory(host))]));
    for (const host of hosts) setScriptTimes(this.#memory(host), kill);
    const since = this.#tail.look().length;
    const hit = await this.#kill(kill, cluster, since);
    if (hit === undefined)
      return { hit: false, text: 'no kill: what it should fall into did not come' };
    const { victim, at, begunAt } = hit;
    const host = this.#cluster.host(victim);
    const lease = readKeptLease(host.stateDirectory);
    const holds = kill.master;
    const startAt = this.#startOf(kill, at, holds ? lease.end : undefined);
    await sleep(Math.max(0, startAt - Date.now()));
    host.startDaemon('runner');
    const startedAt = Date.now();
    const settled = await this.#settled({ host: victim, at: startedAt });
    const lines = this.#tail.lines.slice(since);
    const inside = this.#fellInside(kill, victim, at, since);
    const lost = this.#lostLease({ kill, cluster, settled, victim, lease });
    const round = { hosts, victim, inside: kill.inside, before, after: settled.master, lost };
    const faults = [...faultsOf(round, lines), ...this.#lostDaemons(daemons, kill, victim)];
    this.#faults.push(...faults);
    this.#count(kill, inside, lost?.host === victim);
    const where = describePlace(kill, inside, at - (begunAt ?? at));
    const fate = lost === undefined ? '' : `, ${lost.host} lost its lease`;
    const said = faults.map(({ text }) => `\n  FAULT ${text}`).join('');
    const role = holds ? 'master' : 'standby';
    const end = `dead for ${startedAt - at} ms${fate}${said}`;
    const text = `kill ${this.#counts.kills}: ${victim} (${role}) ${where}, ${end}`;
    return { hit: inside || kill.inside === undefined, text };
  }

  /** Who lost a lease in a round: another epoch has followed, and nobody had ordered that. */
  #lostLease(round: {
    readonly kill: PlannedKill;
    readonly cluster: Cluster;
    readonly settled: Cluster;
    readonly victim: string;
    readonly lease: KeptLease;
  }): Round['lost'] {
    const { kill, cluster, settled, victim, lease } = round;
    const action = kill.inside?.action;
    // It is on its way down by order: nobody can tell afterwards, and nothing depends on it.
    if (action === 'demote') return undefined;
    const held = action === 'promote' ? lease.epoch : Number(cluster.epoch);
    if (Number(settled.epoch) === held) return undefined;
    const host = kill.master ? victim : cluster.master;
    const last = readKeptLease(this.#cluster.host(host).stateDirectory);
    const ends = [kill.master ? lease : last, last].filter(({ epoch }) => epoch === held);
    return { host, at: Math.max(...ends.map(({ end }) => end)) };
  }

  /** Brings about what the kill shall fall into, and kills. Undefined: a busy cluster went another way. */
  async #kill(kill: PlannedKill, cluster: Cluster, since: number): Promise<Hit | undefined> {
    const { master, leader } = cluster;
    const others = this.#cluster.others(master);
    const other = others[Math.floor(kill.host * others.length)] ?? '';
    const admin = this.#cluster.admin.of(leader);
    const { inside } = kill;
    if (inside === undefined) {
      await sleep(kill.moment * phaseMax);
      const victim = kill.master ? master : other;
      return {
        victim,
        at: this.#cluster.host(victim).signal('runner', 'SIGKILL'),
        begunAt: undefined,
      };
    }
    const victim = inside.action === 'demote' ? master : other;
    const line = (service: string, action: string, kind: 'begin' | 'end') =>
      this.#tail.find((lines) =>
        lines.find(
          (line, index) =>
            index >= since &&
            line.kind === kind &&
            line.host === victim &&
            line.service === service &&
            line.action === action,
        ),
      );
    if (inside.action === 'start') {
      await admin.stopRunner({ runner: victim });
      if ((await line('store', 'stop', 'end')) === undefined) return undefined;
      await admin.startRunner({ runner: victim });
    } else {
      await admin.promoteRunner({ runner: other });
    }
    const begun = await line(inside.service, inside.action, 'begin');
    if (begun === undefined) return undefined;
    const length = kill.scripts[inside.service][inside.action];
    await sleep(Math.max(0, begun.at + kill.moment * length - Date.now()));
    const at = this.#cluster.host(victim).signal('runner', 'SIGKILL');
    return { victim, at, begunAt: begun.at };
  }

  /** Waits until one host is master, all others stand by, and no script runs. */
  async #settled(newcomer?: { readonly host: string; readonly at: Instant }): Promise<Cluster> {
    const hosts = [...this.#folders.keys()];
    return this.#cluster.until('one is master, and all others stand by', (cluster) => {
      if (cluster.master === '' || cluster.electors.some(({ heard }) => !heard)) return false;
      const standing = hosts.every((host) => {
        const runner = cluster.runners.find(({ name }) => name === host);
        if (runner?.uptime === undefined) return false;
        const uptime = Number(runner.uptime.seconds) * 1_000 + runner.uptime.nanos / 1e6;
        // A report of the process that was killed tells nothing.
        if (host === newcomer?.host && uptime > Date.now() - newcomer.at) return false;
        const isMaster = host === cluster.master;
        const wanted = isMaster ? RunnerState.MASTER : RunnerState.STANDBY;
        return runner.state === wanted && runner.promoted === isMaster;
      });
      return standing && this.#rests(cluster.master);
    });
  }

  /** Whether no script runs, and nothing is promoted but on the master, whose lease is renewed. */
  #rests(master: string): boolean {
    const lines = this.#tail.look();
    const { end } = readKeptLease(this.#cluster.host(master).stateDirectory);
    if (end - Date.now() < this.#masterLease / 2) return false;
    return [...this.#folders.keys()].every((host) =>
      trialServices.every((service) => {
        const last = lines.findLast(
          (line) => line.kind !== 'killed' && line.host === host && line.service === service,
        );
        return last?.kind === 'end' && (last.action === 'promote') === (host === master);
      }),
    );
  }

  /** Whether the script was under way when the runner died. */
  #fellInside({ inside }: PlannedKill, victim: string, at: Instant, since: number): boolean {
    if (inside === undefined) return false;
    const own = this.#tail.lines.slice(since).filter((line) => {
      return (
        line.kind !== 'killed' &&
        line.host === victim &&
        line.service === inside.service &&
        line.action === inside.action
      );
    });
    const begun = own.find(({ kind }) => kind === 'begin');
    const ended = own.find(({ kind }) => kind === 'end');
    return begun !== undefined && begun.at <= at && (ended === undefined || ended.at > at);
  }

  /** Daemons that are not the process that they were, though nobody ordered that. */
  #lostDaemons(
    before: ReadonlyMap<string, string>,
    { inside }: PlannedKill,
    victim: string,
  ): readonly Fault[] {
    return [...before].flatMap(([host, identity]): readonly Fault[] => {
      const now = daemonOf(this.#memory(host));
      const ordered = host === victim && inside?.action === 'start';
      if (isAlive(now) && (now === identity) !== ordered) return [];
      return [{ kind: 'restart', text: `the daemon of ${host} was ${identity}, is "${now}"` }];
    });
  }

  #count({ master, past }: PlannedKill, inside: boolean, lost: boolean): void {
    const counts = this.#counts;
    counts.kills += 1;
    if (master) counts.onMaster += 1;
    if (past) counts.pastLease += 1;
    if (inside) counts.insideScript += 1;
    if (master && !past) counts.late += Number(lost);
    if (master && !past) counts.soon += 1;
  }

  #memory(host: string): string {
    return this.#folders.get(host)?.memory ?? '';
  }

  /** When a runner that was killed at a moment is started again. */
  #startOf({ past, dead }: PlannedKill, at: Instant, leaseEnd: Instant | undefined): Instant {
    const end = leaseEnd ?? at + this.#masterLease;
    if (!past) return at + dead * deadShare * (end - at);
    // Where no lease ends, nothing of interest can happen later.
    return end + dead * (leaseEnd === undefined ? deadMax / 4 : deadMax);
  }
}

function describePlace({ inside }: PlannedKill, hit: boolean, after: Duration): string {
  if (inside === undefined) return 'while nothing but status ran';
  const where = `${hit ? 'inside' : 'after'} ${inside.service} ${inside.action}`;
  return `${where}, ${after.toFixed(0)} ms after it began`;
}

/** What a start of koi-runner takes on this machine, as busy as it is. */
function startTime(): Duration {
  const runs = [1, 2, 3].map(() => {
    const begun = performance.now();
    execFileSync(process.execPath, [builtPrograms.runner, '--version']);
    return performance.now() - begun;
  });
  return Math.max(...runs);
}

/** The fast times where the machine can keep them; leases in which a runner can be back. */
function timesFor(start: Duration): { preset: 'fast' | 'default'; masterLease: Duration } {
  const preset = start < busyStart ? 'fast' : 'default';
  const wanted = Math.max(masterLeaseMin[preset], startsPerLease * start);
  return { preset, masterLease: Math.round(Math.min(masterLeaseMax, wanted)) };
}
