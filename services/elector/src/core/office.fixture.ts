// A led cluster with a master, and runners that go on reporting: what tests of the leader's office start from.
import type { Charter } from './charter.ts';
import { charterOf, type Driver, goOn, LED_AT, lead, reportOf, TIMES } from './driver.fixture.ts';
import type { Report } from './report.ts';

/** By how much a master's lease may outlast its leader's. */
export const DELTA = TIMES.masterLease - TIMES.leaderLease;
/** What stretches a wait of the leader. */
export const DRIFT = 1 + TIMES.drift;

/** A led cluster whose charter names r as master under epoch 4, and knows s. */
export function led(part: Partial<Charter> = {}, residue = 0): Driver {
  const charter = charterOf(1, {
    master: 'r',
    masterSession: 'session-r',
    epoch: 4,
    runners: ['r', 's'],
    ...part,
  });
  return lead({ record: { grantedTerm: 1, grantedTo: 'b', charter }, charter, residue });
}

/** The holder's report. */
export const HOLDING: Partial<Report> = { state: 'master', epoch: 4, released: 3, promoted: true };

/** Runners r (the holder) and s report each 50 ms while the electors go on. */
export function reporting(
  driver: Driver,
  from: number,
  to: number,
  runners: Readonly<Record<string, Partial<Report>>>,
): void {
  goOn(driver, from, to, (now) => {
    for (const [name, part] of Object.entries(runners)) {
      driver.report(name, reportOf(now, part), now);
      if (driver.sent('store').length > 0) driver.storeAll(['b', 'c'], now);
    }
  });
}

/** The streams of runners open. */
export function attachAll(driver: Driver, names: readonly string[] = ['r', 's']): void {
  for (const name of names) driver.attach(name, LED_AT + 1);
}

/** Who holds the role. */
export function master(driver: Driver, now: number): string | undefined {
  return driver.core.cluster(now).master;
}

/** The first moment at which somebody else than r is master, or undefined. */
export function passedOn(
  driver: Driver,
  from: number,
  to: number,
  runners: Readonly<Record<string, Partial<Report>>>,
): number | undefined {
  let moment: number | undefined;
  for (let now = from; now <= to; now += 50) {
    reporting(driver, now, now, runners);
    if (moment === undefined && master(driver, now) !== 'r') moment = now;
  }
  return moment;
}
