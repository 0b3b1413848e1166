// A runner under random inputs: whatever a leader, scripts, people and time do to it, what it asks
// for keeps to the rules. A failing run prints the shortest story that breaks one.
import test from 'ava';
import fc from 'fast-check';
import type { Report, ServiceReport } from './assignment.ts';
import type { Effect } from './effect.ts';
import type { Action, ScriptEnd, ServiceDefinition } from './input.ts';
import { definition, OPTIONS, type Run, Trial } from './trial.fixture.ts';

/** How many stories are told, and of how many inputs. */
const STORIES = 400;
const STORY_LENGTH = 120;

const SERVICES: readonly ServiceDefinition[] = [
  definition('disk', 10),
  definition('db', 20),
  definition('site', 30),
  definition('mail', 30),
  definition('log'),
];

/** What takes a service down, with what is run because it does not go. */
const FALLS: readonly Action[] = ['demote', 'failed', 'stop'];

const codes = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.constantFrom(1, 90, 91, 92, 93) },
);

const ends: fc.Arbitrary<ScriptEnd> = fc.oneof(
  { weight: 8, arbitrary: codes.map((code): ScriptEnd => ({ kind: 'exited', code })) },
  { weight: 1, arbitrary: fc.constant<ScriptEnd>({ kind: 'timed-out', after: 1 }) },
  { weight: 1, arbitrary: fc.constant<ScriptEnd>({ kind: 'not-started', reason: 'x' }) },
  { weight: 1, arbitrary: fc.constant<ScriptEnd>({ kind: 'gone', reason: 'x' }) },
);

const assignments = fc.record({
  target: fc.constantFrom(
    'stopped' as const,
    'standby' as const,
    'master' as const,
    'master' as const,
  ),
  /** The lease's epoch, relative to the one held; undefined: no lease. */
  ahead: fc.option(fc.constantFrom(-1, 0, 0, 1), { nil: undefined }),
  duration: fc.constantFrom(100, 1_600, 1_600, 20_000),
  releases: fc.boolean(),
  maintenance: fc.option(fc.boolean(), { nil: undefined, freq: 8 }),
  recovers: fc.boolean(),
});

const stories = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('assign' as const), told: assignments }),
    },
    {
      weight: 12,
      arbitrary: fc.record({ kind: fc.constant('end' as const), which: fc.nat(), end: ends }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('pass' as const),
        duration: fc.constantFrom(10, 200, 700, 1_600, 15_000),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('folder' as const),
        present: fc.subarray([...SERVICES], { minLength: 3 }),
        disabled: fc.constantFrom('', '', '', 'db'),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('killed' as const), which: fc.nat() }) },
    // Every script that runs ends well, and those that follow: else few stories get far up.
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('finish' as const) }) },
  ),
  // At their full size: short stories do not get as far as a promotion.
  { maxLength: STORY_LENGTH, size: 'max' },
);

type Scene = (typeof stories extends fc.Arbitrary<infer T> ? T : never)[number];

/** Watches everything that a trial asks for, and throws where a rule is broken. */
class Watch {
  readonly trial = new Trial();
  #seen = 0;
  #report: Report | undefined;
  #maintenance = 0;
  #recovery = 0;
  #cut = new Set<number>();
  #demoted = false;
  #present: readonly string[] = SERVICES.map(({ name }) => name);

  constructor() {
    const { trial } = this;
    const feed = trial.feed.bind(trial);
    // After every single step: what a rule says holds at every instant.
    trial.feed = (input) => {
      const effects = feed(input);
      this.#look();
      return effects;
    };
  }

  play(scene: Scene): void {
    const { trial } = this;
    switch (scene.kind) {
      case 'assign':
        this.#assign(scene.told);
        break;
      case 'end':
        this.#end(scene.which, scene.end);
        break;
      case 'pass':
        trial.pass(scene.duration);
        break;
      case 'folder':
        this.#present = scene.present.map(({ name }) => name);
        trial.folder(
          ...scene.present.map((entry) => ({ ...entry, disabled: entry.name === scene.disabled })),
        );
        break;
      case 'finish':
        for (const { run } of [...trial.running.values()]) {
          if (!this.#cut.has(run)) this.#endRun(run, { kind: 'exited', code: 0 });
        }
        break;
      case 'killed': {
        const service = SERVICES[scene.which % SERVICES.length];
        if (service !== undefined) trial.feed({ kind: 'killed', service: service.name });
        break;
      }
    }
  }

  #look(): void {
    const fresh = this.trial.effects.slice(this.#seen);
    this.#seen = this.trial.effects.length;
    for (const effect of fresh) this.#check(effect);
    if (!this.trial.runner.promoted) this.#demoted = false;
  }

  #check(effect: Effect): void {
    if (effect.kind === 'cut-short') this.#cut.add(effect.run);
    if (effect.kind === 'run') this.#checkRun(effect);
    if (effect.kind === 'report') this.#checkReport(effect.report);
  }

  #checkRun(run: Run): void {
    const { runner } = this.trial;
    const story = `${run.service} ${run.action} at ${this.trial.now}`;
    const scripts = [...this.trial.running.values()].filter(
      ({ service }) => service === run.service,
    );
    check(scripts.length <= 1, `${story}: more than one script`);
    if (runner.maintenance) {
      check(FALLS.includes(run.action) && this.#demoted, `${story}: a script in maintenance`);
    }
    if (run.action === 'demote') this.#demoted = true;
    if (run.action === 'promote') {
      check((runner.leaseLeft ?? 0) > 0, `${story}: promoted without a lease`);
      check(
        run.environment.epoch > (this.#report?.released ?? 0),
        `${story}: promoted a released epoch`,
      );
      check(runner.promoted, `${story}: not reported as promoted`);
    }
    for (const other of runner.services) this.#checkOrder(run, other, story);
  }

  #checkOrder(run: Run, other: ServiceReport, story: string): void {
    const own = SERVICES.find(({ name }) => name === run.service)?.priority;
    const rank = other.priority;
    // What leaves goes down on its own, and nobody waits for it to be up.
    if (![run.service, other.name].every((name) => this.#present.includes(name))) return;
    if (own === undefined || rank === undefined || own === rank) return;
    const { state } = other;
    const beside = `${story}: beside ${other.name}, ${state}`;
    const broken: Partial<Record<Action, boolean>> = {
      start: rank < own && (state === 'starting' || state === 'failing' || state === 'failed'),
      promote: rank < own && state !== 'promoted',
      demote: rank > own && (state === 'promoting' || state === 'demoting'),
      stop: rank > own && state === 'stopping',
    };
    check(broken[run.action] !== true, beside);
  }

  #checkReport(report: Report): void {
    const before = this.#report;
    this.#report = report;
    // M4: the end of a lease is where a demotion begins, whatever else still runs then.
    if (report.leaseEnded && report.promoted && !before?.leaseEnded) this.#demoted = true;
    if (before === undefined) return;
    check(report.number === before.number + 1, 'report numbers rise by one');
    check(report.released >= before.released, 'released falls');
    check(report.epoch >= before.epoch, 'the epoch falls');
    check(report.released === before.released || !report.promoted, 'released while promoted');
  }

  #assign(told: Extract<Scene, { kind: 'assign' }>['told']): void {
    const { trial } = this;
    const { epoch = 0 } = trial.report ?? {};
    if (told.maintenance !== undefined) this.#maintenance += 1;
    if (told.recovers) this.#recovery += 1;
    const leased = told.ahead === undefined ? epoch : epoch + told.ahead;
    trial.assign({
      target: told.target,
      lease: told.ahead === undefined ? undefined : { epoch: leased, duration: told.duration },
      release: told.releases && told.target !== 'master' ? epoch : epoch - 1,
      maintenance:
        told.maintenance === undefined
          ? undefined
          : { on: told.maintenance, change: this.#maintenance },
      recovery: this.#recovery,
    });
  }

  #end(which: number, end: ScriptEnd): void {
    const runs = [...this.trial.running.values()];
    const run = runs[which % Math.max(1, runs.length)];
    if (run !== undefined) this.#endRun(run.run, end);
  }

  #endRun(run: number, end: ScriptEnd): void {
    const cut = this.#cut.has(run);
    const service = this.trial.running.get(run)?.service;
    if (end.kind === 'gone' && !cut) {
      this.#present = this.#present.filter((name) => name !== service);
    }
    this.trial.feed({ kind: 'script-ended', run, end: cut ? { kind: 'cut-short' } : end });
  }

  /** After all faults: told to be standby, with scripts that succeed, it gets there. */
  settle(): void {
    const { trial } = this;
    this.#present = SERVICES.map(({ name }) => name);
    trial.folder(...SERVICES);
    for (let round = 0; round < 12; round += 1) {
      this.#recovery += 1;
      trial.assign({
        release: trial.report?.epoch ?? 0,
        recovery: this.#recovery,
        maintenance: { on: false, change: this.#maintenance + 1 },
      });
      for (const { name } of SERVICES) trial.feed({ kind: 'killed', service: name });
      trial.finish(0);
      trial.pass(OPTIONS.heartbeat);
    }
    check(
      trial.runner.state === 'standby',
      `it does not come back: ${JSON.stringify(trial.report)}`,
    );
    check(!trial.runner.promoted, 'it stays promoted');
    check(trial.report?.released === trial.report?.epoch, 'it does not release');
  }
}

function check(condition: boolean, message: string): void {
  if (!condition) throw new Error(message);
}

test('random inputs: one script per service, leases, releases, priorities, maintenance', (t) => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(stories, (scenes) => {
      const watch = new Watch();
      watch.trial.pass(0);
      watch.trial.folder(...SERVICES);
      for (const scene of scenes) watch.play(scene);
      for (const effect of watch.trial.effects) {
        if (effect.kind === 'run') seen.set(effect.action, (seen.get(effect.action) ?? 0) + 1);
        if (effect.kind === 'kill') seen.set('kill', (seen.get('kill') ?? 0) + 1);
      }
      watch.settle();
    }),
    { numRuns: STORIES, includeErrorInReport: true },
  );
  // A story in which nothing happens proves nothing.
  for (const kind of ['start', 'stop', 'promote', 'demote', 'status', 'failed', 'kill']) {
    t.true((seen.get(kind) ?? 0) > 20, `${kind}: ${seen.get(kind)}`);
  }
});
