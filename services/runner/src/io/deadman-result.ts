// What a deadman leaves when it has acted: what became of each service, and how long it took.
import type { Duration } from '@koi/lib/time';
import { nameOf } from './deadman-watch.ts';

const OUTCOMES = ['demoted', 'stopped', 'killed', 'killed-and-stopped', 'left'] as const;

/**
 * `stopped`: the runner's own stop script was under way and ended well. `killed`: nothing of its processes
 * is left, and its stop script failed. `left`: not gone when demoteGrace was over.
 */
export type DeadmanOutcome = (typeof OUTCOMES)[number];

export interface DeadmanService {
  readonly name: string;
  readonly outcome: DeadmanOutcome;
  /** When it was down, in milliseconds since boot; 0 for what is left. */
  readonly at: Duration;
}

/** Times are in milliseconds since boot, and may lack a step of /proc/uptime. */
export interface DeadmanResult {
  /** The text of the lock under which it came about. */
  readonly lock: string;
  readonly epoch: number;
  readonly leaseEnd: Duration;
  readonly began: Duration;
  readonly done: Duration;
  /** `none`: something was left, and there is no self-fence hook. */
  readonly fenced: 'no' | 'none' | 'called';
  readonly services: readonly DeadmanService[];
  /** Sentences for the log. */
  readonly story: readonly string[];
}

/** Reads a result; undefined where the text is none. */
export function parseResult(text: string): DeadmanResult | undefined {
  const single = new Map<string, string>();
  const services: DeadmanService[] = [];
  const story: string[] = [];
  for (const line of text.split('\n')) {
    const [, key = '', value = ''] = /^([a-z]+) (.*)$/.exec(line) ?? [];
    if (key === 'said') story.push(value);
    else if (key !== 'service') single.set(key, value);
    else {
      const service = parseService(value);
      if (service === undefined) return undefined;
      services.push(service);
    }
  }
  const number = (key: string): number => Number(single.get(key) ?? Number.NaN);
  const [epoch, leaseEnd, began, done] = ['epoch', 'end', 'began', 'done'].map(number);
  const fenced = single.get('fenced');
  if (epoch === undefined || leaseEnd === undefined) return undefined;
  if (began === undefined || done === undefined) return undefined;
  if (Number.isNaN(epoch + leaseEnd + began + done)) return undefined;
  if (fenced !== 'no' && fenced !== 'none' && fenced !== 'called') return undefined;
  const lock = single.get('lock') ?? '';
  return { lock, epoch, leaseEnd, began, done, fenced, services, story };
}

function parseService(text: string): DeadmanService | undefined {
  const [, word, at, id] = /^(\S+) (\d+) (\S+)$/.exec(text) ?? [];
  const outcome = OUTCOMES.find((known) => known === word);
  if (outcome === undefined || id === undefined) return undefined;
  return { name: nameOf(id), outcome, at: Number(at) };
}
