// Faults that come together because that is where it hurts: the master is out of everybody's reach and
// does not go down by itself, while those who would count it out change office.
import type { Command } from '../../services/elector/src/core/input.ts';
import { cutFor } from './network-faults.ts';
import { crashFor, restartFor } from './process-faults.ts';
import { hangFor } from './service-faults.ts';
import type { SimElector } from './sim-elector.ts';
import type { SimHost } from './sim-host.ts';
import type { SimRunner } from './sim-runner.ts';
import type { Storm } from './storm.ts';

/** The master is cut off and its scripts hang, for longer than its lease; meanwhile the leader changes. */
export function loseMaster(storm: Storm): void {
  const { cluster, random } = storm;
  const { electors, master } = cluster;
  const { leaderLease, masterLease, demoteGrace } = cluster.plan.times;
  if (master === undefined) return;
  storm.aim();
  const lasts = random.between(0.8, 1.5) * (masterLease + demoteGrace);
  const others = electors.map(({ host }) => host).filter((host) => host !== master.host);
  const way = random.oneOf('both', 'both', 'out', 'in');
  const out = others.map((other) => [master.host, other] as const);
  const into = others.map((other) => [other, master.host] as const);
  const directions = way === 'both' ? [...out, ...into] : way === 'out' ? out : into;
  if (random.chance(0.8)) hangFor(storm, master, lasts + demoteGrace);
  const delay = random.between(-0.5, 1) * leaderLease;
  storm.later(-delay, () =>
    cutFor(storm, directions, `the master's ${master.host.name} is out of reach (${way})`, lasts),
  );
  storm.later(delay, () => changeOffice(storm, master.host, 2));
  if (random.chance(0.4)) storm.later(random.between(0, 2) * delay, () => misguide(storm, master));
}

/** The leader loses its office, one way or another, and perhaps the next one too. */
function changeOffice(storm: Storm, spared: SimHost, times: number): void {
  const { cluster, random } = storm;
  const { leaderLease } = cluster.plan.times;
  const leader = random.pick(cluster.leaders);
  if (leader === undefined || times === 0) return;
  strike(storm, leader, spared);
  if (!random.chance(0.5)) return;
  const next = random.between(0.05, 2) * leaderLease;
  storm.later(next, () => changeOffice(storm, spared, times - 1));
}

/** An administrator moves the role just then: every order sets a target, none may free the holder. */
function misguide({ cluster, random }: Storm, master: SimRunner): void {
  const [leader] = cluster.leaders;
  const other = random.pick(cluster.runners.filter((runner) => runner !== master))?.name;
  const { name } = master;
  const kinds = ['demote', 'stop', 'promote'] as const;
  const kind = random.pick(kinds) ?? 'demote';
  const give = (command: Command) => leader?.order(command, () => {});
  if (kind === 'demote') give({ kind });
  else if (kind === 'stop') give({ kind, runner: name });
  else if (other !== undefined) give({ kind, runner: other });
  give({ kind: 'elect' });
}

function strike(storm: Storm, leader: SimElector, spared: SimHost): void {
  const { random, cluster } = storm;
  const soon = random.between(1, 100);
  const way = random.oneOf('stop', 'stop', 'stop', 'crash', 'crash', 'all', 'cut', 'nothing');
  const others = cluster.electors.map(({ host }) => host);
  switch (way) {
    case 'stop':
      restartFor(storm, leader, soon);
      break;
    case 'crash':
      // A leader on the master's host must not take it along: that would end what this is about.
      crashFor(storm, leader, ' in a bad moment', soon);
      break;
    case 'all':
      for (const elector of cluster.electors) crashFor(storm, elector, ' with all others', soon);
      break;
    case 'cut':
      cutFor(
        storm,
        others
          .filter((other) => other !== leader.host && other !== spared)
          .flatMap((other) => [[leader.host, other] as const, [other, leader.host] as const]),
        `the leader's ${leader.host.name} is cut from the electors`,
        storm.lasts(),
      );
      break;
  }
}
