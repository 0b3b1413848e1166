// Failovers with no other fault in flight: while all is well the present master's host dies, and the time
// until another runner's promote script begins is measured in true time. The host is back, and all has been
// well for a while, before it happens again.
import { failover } from '@koi/lib/timing';
import type { Action } from '../../services/runner/src/core/input.ts';
import { judge } from './checkers/liveness.ts';
import type { Cluster } from './cluster.ts';
import type { Observer } from './observer.ts';
import type { SimRunner } from './sim-runner.ts';
import type { Storm } from './storm.ts';
import type { World } from './world.ts';

/** One of them. */
export interface LoneFailover {
  /** From the death of the host to the beginning of the next promotion, in milliseconds. */
  readonly took: number;
  /** The elector on that host led: it is still one host that died. */
  readonly ledToo: boolean;
}

/** What a clock that is slow by 1 % adds, with disk writes, messages and the script's start beside it. */
const CLOCK_ERROR = 0.01;
const SLACK_HEARTBEATS = 1;

/** How long a host stays away, in the longest time for which it is waited for (M2). */
const AWAY_LEAST = 2;
const AWAY_MOST = 3;

export class LoneFailovers implements Observer {
  readonly #world: World;
  #since: { readonly at: number; readonly dead: SimRunner; readonly ledToo: boolean } | undefined;
  #calm = '';
  readonly measured: LoneFailover[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  /** Whether all is as it was the last time, and goes on without the master's host. */
  mayStrike(cluster: Cluster): boolean {
    const verdict = judge(cluster);
    const before = this.#calm;
    this.#calm = JSON.stringify(verdict);
    const { master, electors, runners } = cluster;
    const settled = typeof verdict !== 'string' && this.#calm === before;
    if (!settled || master === undefined) return false;
    const left = electors.filter(({ alive, host }) => alive && host !== master.host);
    const heir = runners.find((one) => one !== master && one.core?.state === 'standby');
    return heir?.mode === 'active' && left.length > electors.length / 2;
  }

  /** The master's host dies, and nothing else. */
  strike(storm: Storm): void {
    const { cluster, random } = storm;
    const { master, leaders, electors } = cluster;
    if (master === undefined) return;
    const { host } = master;
    const { times } = cluster.plan;
    const ledToo = leaders.some((leader) => leader.host === host);
    storm.aim();
    storm.say(`the master's ${host.name} dies${ledToo ? ', and the leader with it' : ''}`);
    this.#since = { at: this.#world.now, dead: master, ledToo };
    host.crash();
    storm.felt();
    const { masterDies, leaderDiesToo = masterDies } = failover(times, electors.length);
    const bound = (ledToo ? leaderDiesToo : masterDies) * (1 + CLOCK_ERROR);
    this.#expect(bound + SLACK_HEARTBEATS * times.heartbeat);
    const away = random.between(AWAY_LEAST, AWAY_MOST) * (times.masterLease + times.demoteGrace);
    storm.until(away, () => {
      // What is not over by now, for the storm has ended, is not measured.
      this.#since = undefined;
      host.boot();
    });
  }

  #expect(bound: number): void {
    const since = this.#since;
    this.#world.after(bound, () => {
      if (this.#since !== since || since === undefined) return;
      const text = `${since.dead.name} died ${Math.round(bound)} ms ago, and nobody is promoted`;
      this.#world.violate('a lone failure is over in time', text);
    });
  }

  scriptBegins(runner: SimRunner, _service: string, action: Action): void {
    if (action !== 'promote' || this.#since === undefined || runner === this.#since.dead) return;
    const { at, ledToo } = this.#since;
    this.#since = undefined;
    this.measured.push({ took: this.#world.now - at, ledToo });
  }
}
