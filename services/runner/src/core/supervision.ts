// Lets the services act: which script begins, which is cut short, what is killed. It is told how
// far services may go (`Orders`) and by whom they wait for each other (order.ts).
import { type Duration, describeDuration, type Instant } from '@koi/lib/time';
import type { ServiceReport } from './assignment.ts';
import type { Effect, ScriptEnvironment } from './effect.ts';
import type { Action, ScriptEnd, ServiceDefinition, TakenDown } from './input.ts';
import type { Say } from './mandate.ts';
import { Membership } from './membership.ts';
import type { RunnerOptions } from './options.ts';
import { mayAct } from './order.ts';
import type { RunnerRecord } from './record.ts';
import type { ScriptResult, Service } from './service.ts';
import type { Level, Step } from './transition.ts';

/** How far services may go now. */
export interface Orders {
  readonly level: Level;
  /**
   * `demotions`: nothing starts but what finishes a demotion that has begun (M6, M8). `none`: nothing at
   * all, because the deadman is at it, or may be (M4).
   */
  readonly scripts: 'none' | 'demotions' | 'all';
  /** Whether a lease covers what is promoted. */
  readonly holding: boolean;
  /** No status is asked for while the daemon goes down. */
  readonly leaving: boolean;
  readonly environment: Omit<ScriptEnvironment, 'promoted'>;
}

/** A service that has just failed. */
export interface ServiceFailure {
  readonly service: string;
  readonly action: Action;
  readonly text: string;
}

export type SupervisionOptions = Pick<RunnerOptions, 'demoteGrace' | 'timeouts'>;

/** All services of this runner and their scripts. */
export class Supervision {
  readonly services: Membership;
  readonly #options: SupervisionOptions;
  readonly #emit: (effect: Effect) => void;
  readonly #say: Say;
  #run = 0;
  /** M8: a demotion has begun and is finished whatever comes. */
  #goingDown = false;
  /** What is to be killed, and why, as soon as the deadman is not at it (M4). */
  readonly #killsDue = new Map<string, string>();

  /** `found`: the services of an earlier process, and how far it had come with them (M6). */
  constructor(
    options: SupervisionOptions,
    emit: (effect: Effect) => void,
    found?: Pick<RunnerRecord, 'goingDown' | 'run' | 'services'>,
  ) {
    this.#options = options;
    this.#emit = emit;
    this.#say = (level, text) => emit({ kind: 'log', level, text });
    this.services = new Membership(this.#say, found?.services);
    this.#run = found?.run ?? 0;
    this.#goingDown = found?.goingDown ?? false;
    // An earlier process may have sent a SIGKILL whose end it has not seen.
    for (const { name, killing } of this.services) {
      if (killing) this.#killsDue.set(name, 'an earlier process had ordered it');
    }
  }

  /** What the next process has to know (M6). */
  get record(): Pick<RunnerRecord, 'goingDown' | 'run' | 'services'> {
    const services = this.services.map((service) => service.record);
    return { goingDown: this.#goingDown, run: this.#run, services };
  }

  get reports(): readonly ServiceReport[] {
    return this.services.map((service) => service.report());
  }

  /** M2: whether anything is or may be promoted. */
  get promoted(): boolean {
    return this.services.some(({ promoted }) => promoted);
  }

  /** A service has failed, or one is disabled: the runner counts as failed. */
  get failed(): boolean {
    return this.services.some(({ failure, definition }) => failure !== '' || definition.disabled);
  }

  /** Every service runs, but those that are about to leave. */
  get up(): boolean {
    return this.services.every(({ up, removed }) => up || removed);
  }

  /** Every service runs and may be promoted. */
  get promotable(): boolean {
    const { services } = this;
    return services.known && services.every(({ up, promotable }) => up && promotable);
  }

  /** Nothing runs any more and nothing is left to be done. */
  get down(): boolean {
    return this.services.every(({ down, running }) => down && running === undefined);
  }

  get goingDown(): boolean {
    return this.#goingDown;
  }

  /** Takes in the services folder; each round of statuses begins with that. */
  onFolder(definitions: readonly ServiceDefinition[]): void {
    this.services.update(definitions);
    this.demandStatus();
  }

  onStarted(run: number, processId: number): void {
    for (const { running } of this.services) {
      if (running?.run === run) running.processId = processId;
    }
  }

  /** Takes in the end of a script. Returns the failure that it was, if it was one. */
  onEnded(
    run: number,
    end: ScriptEnd,
    maintenance: boolean,
    now: Instant,
  ): ServiceFailure | undefined {
    for (const service of this.services) {
      if (service.running?.run !== run) continue;
      const { action, since } = service.running;
      const took = describeDuration(now - since);
      if (action === 'demote') this.#judgeDemote(service, now - since);
      // Its directory goes while a script is about to run in it: that is no failure of it.
      if (end.kind === 'gone') this.services.lose(service);
      const result = service.end(end, maintenance);
      this.#sayResult(service, result, took);
      if (result.kill) this.#killsDue.set(service.name, result.text);
      if (!result.failed) return undefined;
      return { service: service.name, action: result.action, text: result.text };
    }
    return undefined;
  }

  /** M4: a demote that is slower than this would be killed where a lease is lost. */
  #judgeDemote({ name }: Service, took: Duration): void {
    const { demoteGrace } = this.#options;
    if (took <= demoteGrace) return;
    const [long, grace] = [describeDuration(took), describeDuration(demoteGrace)];
    const text = `${name}: its demote took ${long}, and demoteGrace is ${grace}`;
    this.#say('warn', `${text}: where the lease is lost it would be killed`);
  }

  /** The deadman has taken down what was promoted while this process could not. */
  takenDown(name: string, outcome: TakenDown): ServiceFailure | undefined {
    const service = this.services.find(name);
    if (service === undefined || !service.promoted) return undefined;
    service.takenDown(outcome);
    this.#say('warn', `${name}: the deadman has ${outcome} it, it is ${service.state}`);
    if (outcome !== 'killed') return undefined;
    return { service: name, action: 'demote', text: service.failure };
  }

  onKilled(name: string): void {
    const service = this.services.find(name);
    if (service === undefined) return;
    const { promoted } = service;
    service.killed();
    if (!promoted) return;
    const left = service.promoted ? 'its stop script decides the rest' : 'it is not promoted';
    this.#say('info', `${name}: no process of it is left, ${left}`);
  }

  /** Asks every service for its status as soon as it has nothing else to do. */
  demandStatus(): void {
    for (const service of this.services) service.statusDue = true;
    // What a kill could not end may be gone by now, or can be ended by now.
    for (const service of this.services) {
      if (!service.unfinishedKill) continue;
      this.#killsDue.set(service.name, 'it was not gone the last time');
    }
  }

  /** Maintenance is over: nobody knows what was done by hand, so nothing rises before a status. */
  doubt(): void {
    for (const service of this.services) service.doubt();
  }

  /** From now on everything promoted goes down, in maintenance too. */
  goDown(): void {
    if (this.promoted) this.#goingDown = true;
  }

  /** M4: kills whatever may still be promoted. Returns what has failed by that. */
  killPromoted(reason: string): readonly ServiceFailure[] {
    const failures: ServiceFailure[] = [];
    for (const service of this.services) {
      if (!service.promoted) continue;
      const action = service.running?.action ?? 'demote';
      const text = `${service.name} had to be killed: ${reason}`;
      if (service.kill(text)) failures.push({ service: service.name, action, text });
      this.#kill(service, reason);
    }
    return failures;
  }

  /** Kills everything that is not known to be down. */
  killAll(reason: string): void {
    for (const service of this.services) {
      if (service.state === 'stopped' && service.running === undefined) continue;
      service.kill(reason);
      this.#kill(service, reason);
    }
  }

  /** Whether there are failures, and nothing that follows from one is still going on. */
  get forgettable(): boolean {
    const { services } = this;
    // A kill under way as well: what it has not ended is not to be started beside it.
    if (services.some(({ state, killing }) => state === 'failing' || killing)) return false;
    return services.some(({ state }) => state === 'failed');
  }

  /** Forgets all failures: services are free to start again. */
  forget(): void {
    for (const service of this.services) service.forget();
  }

  /** Lets each service act once. True: something has changed, so somebody else may act now. */
  settle(orders: Orders, now: Instant): boolean {
    if (orders.scripts !== 'none') this.#killDue();
    this.services.dismiss();
    if (!this.promoted || orders.level === 'promoted') this.#goingDown = false;
    for (const service of this.services) {
      const barred = service.removed || service.definition.disabled;
      service.want(barred ? 'stopped' : orders.level, orders.environment.epoch);
    }
    let changed = false;
    for (const service of this.services) changed = this.#act(service, orders, now) || changed;
    return changed;
  }

  #killDue(): void {
    for (const [name, reason] of this.#killsDue) {
      const service = this.services.find(name);
      if (service?.killing === true) this.#kill(service, reason);
    }
    this.#killsDue.clear();
  }

  #act(service: Service, orders: Orders, now: Instant): boolean {
    const step = this.#permittedStep(service, orders);
    if (service.running !== undefined) {
      const reason = this.#reasonToCut(service, step, orders);
      if (reason !== undefined) this.#cutShort(service, reason);
      return false;
    }
    if (step !== undefined) {
      this.#begin(service, step, orders, now);
      return true;
    }
    if (!service.wantsStatus || orders.scripts !== 'all' || orders.leaving) return false;
    this.#begin(service, { action: 'status', during: service.state, reason: '' }, orders, now);
    return true;
  }

  #permittedStep(service: Service, orders: Orders): Step | undefined {
    const step = service.next;
    if (step === undefined) return undefined;
    if (orders.scripts === 'none') return undefined;
    if (orders.scripts !== 'all' && !this.#isDemotion(service, step)) return undefined;
    return mayAct(step.action, service, this.services) ? step : undefined;
  }

  // M8: a demotion begun is finished. Where demote does not do it, failed and stop are a part of it; of what is
  // no longer promoted too, since lower services wait for that.
  #isDemotion({ promoted, state }: Service, { action }: Step): boolean {
    if (!this.#goingDown) return false;
    if (action === 'demote') return true;
    return (promoted || state === 'failing') && (action === 'failed' || action === 'stop');
  }

  #reasonToCut(service: Service, step: Step | undefined, orders: Orders): string | undefined {
    const { running } = service;
    if (running === undefined || running.cutting || orders.scripts === 'none') return undefined;
    if (orders.scripts !== 'all' && !(this.#goingDown && service.promoted)) return undefined;
    // M4: whatever else is going on.
    const uncovered = service.promoted && !orders.holding;
    switch (running.action) {
      case 'status':
        if (orders.leaving) return 'the daemon ends';
        return step && `${step.action} is more urgent: ${step.reason}`;
      case 'start':
        return service.aim === 'stopped' ? 'it is to be stopped' : undefined;
      case 'promote':
        if (uncovered) return 'no lease covers it any more';
        return service.aim === 'stopped' ? 'it is to be stopped' : undefined;
      case 'failed':
        return uncovered ? 'no lease covers what is promoted' : undefined;
      case 'demote':
      case 'stop':
        return undefined;
    }
  }

  #begin(service: Service, step: Step, orders: Orders, now: Instant): void {
    const { action } = step;
    this.#run += 1;
    service.begin(step, this.#run, orders.environment.epoch, now);
    if (action === 'demote') this.#goingDown = true;
    if (action !== 'status') this.#say('info', `${service.name}: ${action}: ${step.reason}`);
    this.#emit({
      kind: 'run',
      run: this.#run,
      service: service.name,
      action,
      timeout: this.#options.timeouts[action],
      environment: { ...orders.environment, promoted: service.promoted },
    });
  }

  #cutShort(service: Service, reason: string): void {
    const { running } = service;
    if (running === undefined) return;
    running.cutting = true;
    this.#say('info', `${service.name}: ${running.action} is cut short: ${reason}`);
    this.#emit({ kind: 'cut-short', run: running.run });
  }

  #kill(service: Service, reason: string): void {
    this.#say('error', `${service.name} is killed: ${reason}`);
    this.#emit({ kind: 'kill', service: service.name, reason });
    // What outlives this is for the self-fence hook, at the end of demoteGrace (M4).
  }

  #sayResult(service: Service, result: ScriptResult, took: string): void {
    const { name, state } = service;
    if (result.failed) {
      this.#say('error', `${name} has failed: ${result.text} after ${took}; ${result.reason}`);
    } else if (result.moved) {
      this.#say('info', `${name} is ${state} after ${took}: ${result.reason} (${result.text})`);
    }
  }
}
