// Judges one round of a trial of restarts by what ran: which scripts had to run on which host follows from
// what was ordered, what the kill fell into, and whether the lease outlasted it. Everything else is a fault.
import type { Instant } from '@koi/lib/time';
import type { LogLine } from './promotion-log.ts';
import { type Inside, trialServices } from './restart-plan.ts';

/** What happened in a round. */
export interface Round {
  readonly hosts: readonly string[];
  /** The host whose runner was killed. */
  readonly victim: string;
  readonly inside: Inside | undefined;
  /** The masters before and after. */
  readonly before: string;
  readonly after: string;
  /** Who lost a lease that nobody had ordered to end, and when it was over. Not always the victim. */
  readonly lost: { readonly host: string; readonly at: Instant } | undefined;
}

/** What speaks against a runner. */
export interface Fault {
  /** `restart`: a service was stopped or started. `demotion`: one that no lease demanded. */
  readonly kind: 'restart' | 'demotion' | 'script';
  readonly text: string;
}

const down = trialServices.toReversed().map((service) => `${service} demote`);
const up = trialServices.map((service) => `${service} promote`);
const renewed = [
  ...trialServices.toReversed().map((service) => `${service} stop`),
  ...trialServices.map((service) => `${service} start`),
];

/** Judges the lines of a round, `status` left out. */
export function faultsOf(round: Round, lines: readonly LogLine[]): readonly Fault[] {
  const faults = round.hosts.flatMap((host) => {
    const ran = begunOn(host, lines);
    return compare(host, expectedOn(host, round, ran), ran);
  });
  return [...faults, ...hastyDemotions(round, lines), ...doubles(lines)];
}

function begunOn(host: string, lines: readonly LogLine[]): readonly string[] {
  return lines.flatMap((line) =>
    line.kind === 'begin' && line.host === host ? [`${line.service} ${line.action}`] : [],
  );
}

function expectedOn(host: string, round: Round, ran: readonly string[]): readonly string[] {
  const { victim, inside, before, after, lost } = round;
  const ordered = inside?.action === 'promote' || inside?.action === 'demote';
  const handover = lost !== undefined || ordered;
  const expected: string[] = [];
  if (host === victim && inside?.action === 'start') expected.push(...renewed);
  if (host === before && handover) expected.push(...down);
  if (host === lost?.host && inside?.action === 'promote') {
    // However far it had come with promoting, it goes down in reverse.
    const turn = ran.findIndex((script) => script.endsWith(' demote'));
    const come = Math.max(turn, trialServices.indexOf(inside.service) + 1);
    expected.push(...up.slice(0, come), ...down.slice(up.length - Math.min(come, up.length)));
  }
  if (host === after && handover) expected.push(...up);
  return expected;
}

function compare(
  host: string,
  expected: readonly string[],
  ran: readonly string[],
): readonly Fault[] {
  if (expected.join() === ran.join()) return [];
  const missing = [...expected];
  const extra = ran.filter((script) => {
    const index = missing.indexOf(script);
    if (index >= 0) missing.splice(index, 1);
    return index < 0;
  });
  const story = `on ${host} ran [${ran.join(', ')}], not [${expected.join(', ')}]`;
  if (extra.length === 0) return [{ kind: 'script', text: story }];
  return extra.map((script) => ({ kind: kindOf(script), text: `${script}: ${story}` }));
}

function kindOf(script: string): Fault['kind'] {
  if (script.endsWith(' demote')) return 'demotion';
  return script.endsWith(' promote') ? 'script' : 'restart';
}

/** Demotes that came before the lease was over, though nobody had ordered one. */
function hastyDemotions({ lost }: Round, lines: readonly LogLine[]): readonly Fault[] {
  return lines.flatMap((line): readonly Fault[] => {
    if (line.kind !== 'begin' || line.host !== lost?.host || line.action !== 'demote') return [];
    if (line.at >= lost.at) return [];
    const early = (lost.at - line.at).toFixed(0);
    const text = `${line.service} demote on ${line.host} began ${early} ms before its lease was over`;
    return [{ kind: 'demotion', text }];
  });
}

/** Two scripts of one service at a time. What has no end was ended before its time. */
function doubles(lines: readonly LogLine[]): readonly Fault[] {
  const open = new Map<string, string>();
  return lines.flatMap((line): readonly Fault[] => {
    if (line.kind === 'killed') return [];
    const key = `${line.host} ${line.service}`;
    if (line.kind === 'begin') {
      open.set(key, line.action);
      return [];
    }
    const running = open.get(key);
    open.delete(key);
    if (running === line.action) return [];
    const beside = running ?? 'another script that had ended before';
    return [{ kind: 'script', text: `${key} ${line.action} ran beside ${beside}` }];
  });
}
