// Reads the timeline that a driven elector has on disk.
import type { Decision } from './charter.ts';
import type { Driver } from './driver.fixture.ts';

export function timeline(driver: Driver): readonly Decision[] {
  return driver.disk.charter?.decisions ?? [];
}

/** The changes in it, as "rule: text". */
export function changes(driver: Driver): readonly string[] {
  return timeline(driver)
    .filter(({ kind }) => kind === 'change')
    .map(({ rule, text }) => `${rule}: ${text}`);
}

/** The last event of a rule. */
export function lastOf(driver: Driver, rule: string): Decision | undefined {
  return timeline(driver).findLast((event) => event.rule === rule);
}
