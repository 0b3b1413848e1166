// M4, M6: what outlives this process, and who may demote: the record, the deadman and its lock, the fence
// hook. The loop comes here before anything that depends on them.
import type { Duration } from '@koi/lib/time';
import type { ScriptEnvironment } from '../core/effect.ts';
import type { Input, TakenDown } from '../core/input.ts';
import type { RunnerRecord, ServiceRecord } from '../core/record.ts';
import { createDeadman, type Deadman, type DeadmanOptions } from './deadman.ts';
import type { DeadmanOutcome, DeadmanResult } from './deadman-result.ts';
import type { WatchedService } from './deadman-watch.ts';
import { callFence } from './fence.ts';
import type { LeaseNews } from './loop.ts';
import type { RecordStore } from './record-store.ts';
import type { ScriptRunner } from './script.ts';
import { stateDiskObjection } from './state-disk.ts';

/** What an outcome is to the core. What is left is for this process to end. */
const OUTCOMES: Readonly<Record<DeadmanOutcome, TakenDown | undefined>> = {
  demoted: 'demoted',
  stopped: 'stopped',
  killed: 'killed',
  'killed-and-stopped': 'killed',
  left: undefined,
};

export interface SafeguardOptions extends Omit<DeadmanOptions, 'onActed'> {
  readonly store: Pick<RecordStore, 'keep'>;
  readonly scripts: Pick<ScriptRunner, 'planOf' | 'treeOf'>;
  readonly feed: (input: Input) => void;
}

export class Safeguard {
  readonly #options: SafeguardOptions;
  readonly #deadman: Deadman;
  /** What the deadman was told to watch last. */
  #watched = '';
  /** The newest epoch that the deadman has taken down, or is taking down. */
  #takenDown = 0;

  constructor(options: SafeguardOptions) {
    this.#options = options;
    this.#deadman = createDeadman({ ...options, onActed: (result) => this.#onActed(result) });
  }

  /** Ends the deadman of an earlier runner, after what it is doing, and arms a new one. */
  open(): Promise<void> {
    const { stateDirectory, log } = this.#options;
    const objection = stateDiskObjection(stateDirectory);
    if (objection !== '') log.warn(objection);
    return this.#deadman.open();
  }

  keep(record: RunnerRecord): void {
    this.#options.store.keep(record);
    this.#watch(record);
  }

  lease({ epoch, end, maintenance }: LeaseNews): void {
    if (!this.#deadman.lease(epoch, end, maintenance)) this.#yieldTo(epoch);
  }

  claim(epoch: number, force: boolean): void {
    const by = this.#deadman.claim(epoch, force) ? 'runner' : 'deadman';
    this.#options.feed({ kind: 'demotion-claimed', epoch, by });
  }

  /** Whether nothing may be promoted under an epoch any more, though the core does not know it yet. */
  bars(epoch: number): boolean {
    return epoch <= this.#takenDown;
  }

  fence(epoch: number, reason: string): void {
    const { fence, log } = this.#options;
    void callFence(fence, { reason, epoch }, log);
  }

  /** Everything is down. */
  end(): Promise<void> {
    return this.#deadman.end();
  }

  /** Everything stays as it is, and the deadman goes on by the clock. */
  detach(): void {
    this.#deadman.detach();
  }

  #watch({ mandate, services }: RunnerRecord): void {
    // What is promoted without ever having been leased here goes down in the ordinary way.
    const held = mandate.epoch > mandate.released;
    const promoted = held ? services.filter((service) => service.promoted) : [];
    const watched = promoted.flatMap((service) => this.#watchedOf(service, mandate.epoch));
    const text = JSON.stringify([mandate.epoch, watched]);
    if (text === this.#watched) return;
    this.#watched = text;
    if (!this.#deadman.watch(watched)) this.#yieldTo(mandate.epoch);
  }

  #watchedOf({ definition }: ServiceRecord, epoch: number): readonly WatchedService[] {
    const { name, priority } = definition;
    const { scripts } = this.#options;
    const environment: ScriptEnvironment = {
      promoted: true,
      state: 'standby',
      epoch,
      master: undefined,
    };
    const demote = scripts.planOf(name, 'demote', environment);
    const stop = scripts.planOf(name, 'stop', environment);
    if (demote === undefined || stop === undefined) {
      this.#options.log.error(`${name}: nobody knows its scripts, the deadman cannot demote it`);
      return [];
    }
    return [{ name, priority, demote, stop, tree: scripts.treeOf(name) }];
  }

  #yieldTo(epoch: number): void {
    if (this.bars(epoch)) return;
    this.#takenDown = epoch;
    this.#options.feed({ kind: 'demotion-claimed', epoch, by: 'deadman' });
  }

  #onActed(result: DeadmanResult): void {
    const { feed, log } = this.#options;
    const { epoch, services, story, leaseEnd, done } = result;
    this.#takenDown = Math.max(this.#takenDown, epoch);
    for (const line of story) log.warn(`deadman: ${line}`);
    const took: Duration = done - leaseEnd;
    const names = services.map(({ name, outcome }) => `${name} ${outcome}`).join(', ');
    log.warn(
      `the deadman has acted for epoch ${epoch}, until ${took} ms after its lease: ${names}`,
    );
    feed({
      kind: 'deadman-acted',
      epoch,
      after: Math.max(0, took),
      services: services.flatMap(({ name, outcome }) => {
        const known = OUTCOMES[outcome];
        return known === undefined ? [] : [{ name, outcome: known }];
      }),
    });
  }
}
