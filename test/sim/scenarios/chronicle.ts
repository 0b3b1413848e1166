// What happens in a story. For people it writes the trace: roles, commits with their reasons, leases lost,
// scripts, orders; heartbeats and the like are left out. For commands and promises it tells each happening
// as a sentence of a fixed form, as in "e-b grants e-a term 2".
import type { Charter } from '../../../services/elector/src/core/charter.ts';
import type { ElectorRecord } from '../../../services/elector/src/core/effect.ts';
import type { Message } from '../../../services/elector/src/core/message.ts';
import type { Assignment } from '../../../services/elector/src/core/report.ts';
import type { Action } from '../../../services/runner/src/core/input.ts';
import type { CharterChecker } from '../checkers/charter-checker.ts';
import type { Observer, ScriptOwner } from '../observer.ts';
import type { SimElector } from '../sim-elector.ts';
import type { SimRunner } from '../sim-runner.ts';
import type { World } from '../world.ts';

/** What the daemons and the simulator say that a story's reader has no use for. */
const NOISE: readonly RegExp[] = [
  // The commands say it already.
  /^(starts|is gone|is down|boots)\b/,
  /^electors are heard/,
  /^the stream to elector/,
  / has joined: /,
  /^told to be /,
  // Scripts are told as they really run.
  /^\S+: (start|stop|promote|demote|status|failed)(:| begins| has )/,
  /^\S+ is \w+ after /,
  /^epoch \d+ of \S+ is over/,
];

/** Why a script is begun, in the runner's own words. */
const REASON = /^(\S+): (start|stop|promote|demote|failed): (.*)$/;

/** A holder hears that it is to go. */
const DISMISSAL = /^told to be (standby|stopped), master is (\S+) .*?: (.*)$/;

const VERBS: Readonly<Partial<Record<Action, readonly [string, string]>>> = {
  start: ['starts', 'started'],
  stop: ['stops', 'stopped'],
  promote: ['promotes', 'promoted'],
  demote: ['demotes', 'demoted'],
};

/** Scripts whose beginning a reader can infer from their end. */
const QUIET: readonly Action[] = ['start', 'status', 'failed'];

/** What is said again after no more than this is written once, in milliseconds. */
const REPEATED_WITHIN = 2_000;

type Listener = (happening: string) => void;

export class Chronicle implements Observer {
  #world: World | undefined;
  #charters: CharterChecker | undefined;
  #lines: string[] = [];
  readonly #listeners = new Set<Listener>();
  readonly #decided = new Set<string>();
  readonly #reasons = new Map<string, string>();
  readonly #claimed = new Map<string, number>();
  readonly #standing = new Map<string, number>();
  readonly #refused = new Map<string, string>();
  readonly #leading = new Map<string, boolean>();
  readonly #said = new Map<string, number>();
  #revision = '';
  /** The newest version that was committed. */
  #charter: Charter | undefined;
  #zero = 0;
  /** The number of the newest decision that was written. */
  #decisions = 0;

  /** Begins to write; before this nothing happens. */
  open(world: World, charters: CharterChecker): void {
    this.#world = world;
    this.#charters = charters;
  }

  /** The lines since the last time. */
  take(): readonly string[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }

  /** Tells every happening from now on. Returns what ends it. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Something happens: a sentence of the fixed form. */
  tell(happening: string): void {
    for (const listener of this.#listeners) listener(happening);
  }

  /** Forgets what was written last; times count from now on. */
  skip(): void {
    this.#lines = [];
    this.#zero = this.#world?.now ?? 0;
  }

  /** The present moment of true time, in milliseconds. */
  get stamp(): string {
    return `+${Math.round((this.#world?.now ?? 0) - this.#zero)}`;
  }

  write(who: string, text: string): void {
    this.#lines.push(`${this.stamp.padStart(6)} ${who}: ${text}`);
  }

  /** What daemons and simulator log. */
  hear(who: string, text: string): void {
    const [, service, action, reason] = REASON.exec(text) ?? [];
    if (reason !== undefined) this.#reasons.set(`${who} ${service} ${action}`, reason);
    const [, target, master, why] = DISMISSAL.exec(text) ?? [];
    if (master === who) this.write(who, `is to be ${target}: ${why}`);
    if (NOISE.some((noise) => noise.test(text))) return;
    // What is committed is written by the charter itself.
    if (this.#decided.has(text) && who.startsWith('e-')) return;
    if (!this.#repeats(who, text)) this.write(who, text.replace(', renewed with every report', ''));
  }

  /** Whether somebody says again what was said a moment ago. */
  #repeats(who: string, text: string): boolean {
    const now = this.#world?.now ?? 0;
    const key = `${who} ${text}`;
    const before = this.#said.get(key);
    this.#said.set(key, now);
    return before !== undefined && now < before + REPEATED_WITHIN;
  }

  electorStarted({ name }: SimElector): void {
    for (const map of [this.#claimed, this.#standing, this.#refused, this.#leading]) {
      map.delete(name);
    }
  }

  electorStepped({ name, leading }: SimElector): void {
    if (leading === (this.#leading.get(name) ?? false)) return;
    this.#leading.set(name, leading);
    this.#standing.delete(name);
    this.tell(leading ? `${name} leads` : `${name} steps down`);
  }

  electorSends({ name, leader }: SimElector, to: string, { body }: Message): void {
    this.tell(`${name} sends ${kindOf(body)} to ${to}`);
    switch (body.kind) {
      case 'election':
        if (this.#standing.get(name) === body.probe) return;
        this.tell(`${name} stands`);
        // Again and again until it is granted: told once.
        if (!this.#standing.has(name)) {
          this.write(name, leader === undefined ? 'stands' : 'asks who would grant it');
        }
        this.#standing.set(name, body.probe);
        return;
      case 'coordinator':
        if (this.#claimed.get(name) === body.term) return;
        this.#claimed.set(name, body.term);
        this.#standing.delete(name);
        this.tell(`${name} claims term ${body.term}`);
        return;
      case 'resign':
        this.tell(`${name} resigns term ${body.term}`);
        return;
      case 'grant':
        this.#standing.delete(name);
        if (body.carriesCharter) this.tell(`${name} grants ${to} term ${body.term}`);
        return;
      case 'refusal': {
        this.tell(`${name} refuses ${to} term ${body.term}`);
        const bound = body.boundTo === undefined ? '' : ` to ${body.boundTo}`;
        const text = `refuses ${to} term ${body.term}: ${body.reason}${bound}`;
        if (this.#refused.get(name) === text) return;
        this.#refused.set(name, text);
        this.write(name, text);
        return;
      }
    }
  }

  electorHears({ name }: SimElector, from: string, { body }: Message): void {
    this.tell(`${name} hears ${kindOf(body)} from ${from}`);
  }

  electorPersists({ name }: SimElector): void {
    this.tell(`${name} writes`);
  }

  durable(elector: string, _record: ElectorRecord): void {
    this.tell(`${elector} has written`);
    const charter = this.#charters?.committed;
    if (charter === undefined) return;
    const { term, index } = charter.version;
    const key = `${term}.${index}`;
    if (key === this.#revision) return;
    this.#revision = key;
    const before = this.#charter;
    this.#charter = charter;
    const news = charter.decisions.filter(
      ({ kind, number }) => kind === 'decision' && number > this.#decisions,
    );
    // What carries nothing but changes comes at its own time, and no story is about it.
    if (before !== undefined && news.length === 0 && changesAlone(before, charter)) return;
    const texts = news.map(({ text }) => text);
    this.#decisions = charter.decisions.at(-1)?.number ?? this.#decisions;
    // The leader logs them too, when it has heard of the commit.
    for (const text of texts) this.#decided.add(text);
    const why = texts.length === 0 ? '' : `: ${texts.join('; ')}`;
    this.write('charter', `revision ${charter.revision} is committed${why}`);
    this.tell('a revision is committed');
    this.tell(`revision ${charter.revision} is committed`);
  }

  assigned({ name }: SimElector, runner: string, { lease, target }: Assignment): void {
    this.tell(`${name} assigns ${target} to ${runner}`);
    if (lease !== undefined) this.tell(`${name} leases epoch ${lease.epoch} to ${runner}`);
  }

  scriptBegins(
    { name }: SimRunner,
    service: string,
    action: Action,
    epoch: number,
    by: ScriptOwner,
  ): void {
    const verb = VERBS[action]?.[0];
    if (verb === undefined) return;
    if (by === 'deadman') {
      this.tell(`${name.replace('r-', 'deadman-')} ${verb} ${service}`);
      this.write(`deadman of ${name}`, `${verb} ${service}`);
      return;
    }
    this.tell(`${name} ${verb} ${service}`);
    if (QUIET.includes(action)) return;
    const why = this.#reasons.get(`${name} ${service} ${action}`);
    const under = action === 'promote' ? ` (epoch ${epoch})` : '';
    this.write(name, `${verb} ${service}${under}${why === undefined ? '' : `: ${why}`}`);
  }

  scriptEnded({ name }: SimRunner, service: string, action: Action, succeeded: boolean): void {
    const verb = VERBS[action]?.[1];
    if (verb === undefined) return;
    if (succeeded) this.tell(`${name} has ${verb} ${service}`);
    this.write(name, succeeded ? `${service} is ${verb}` : `${action} of ${service} has failed`);
  }
}

/** Whether all that one version says more than another is what a leader saw. */
function changesAlone(one: Charter, other: Charter): boolean {
  if (one.decisions.at(-1)?.number === other.decisions.at(-1)?.number) return false;
  const content = ({ version: _version, revision: _, decisions: __, ...rest }: Charter) =>
    JSON.stringify(rest);
  return one.version.term === other.version.term && content(one) === content(other);
}

function kindOf(body: Message['body']): string {
  return body.kind === 'heartbeat' && body.leading ? 'leading-heartbeat' : body.kind;
}
