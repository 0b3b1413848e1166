// Says in words what happens in the demo cluster. Watches all electors at once, believes the one that
// leads in the highest term, and tells what has changed; the decisions tell their own reasons.
import { setTimeout as sleep } from 'node:timers/promises';
import { AdminService } from '@koi/gen/koi/admin/v1/admin_service_pb';
import type { Cluster } from '@koi/gen/koi/cluster/v1/cluster_pb';
import { EventKind } from '@koi/gen/koi/cluster/v1/event_pb';
import { RunnerState } from '@koi/gen/koi/cluster/v1/runner_pb';
import { openChannel, openClient } from '@koi/lib/grpc/client';
import { type GrpcDefinition, grpcDefinition } from '@koi/lib/grpc/definition';
import type { Duration } from '@koi/lib/time';
import type { Channel, Client } from 'nice-grpc';

type Admin = Client<GrpcDefinition<typeof AdminService>>;

/** How long to wait before an elector that is away is asked again. */
const retryAfter: Duration = 300;

/** An elector that has not answered by then is dead or replaced. */
const answerMax: Duration = 1_000;

/** How long a host must be silent, or back, before it is worth a sentence: longer than a restart's hiccup. */
const silenceMin: Duration = 300;

/** How often the web service is asked who it is. */
const webEvery: Duration = 200;

/** Watches a cluster until it is told to stop. */
export class Narrator {
  readonly #say: (sentence: string) => void;
  readonly #stop = new AbortController();
  readonly #channels: readonly Channel[];
  readonly #views = new Map<string, Cluster>();
  readonly #silence = new Map<string, { silent: boolean; said: boolean; timer?: NodeJS.Timeout }>();
  readonly #states = new Map<string, RunnerState>();
  /** The number of the last event that was told. */
  #told = 0n;
  #telling = Promise.resolve();

  constructor(addresses: ReadonlyMap<string, string>, say: (sentence: string) => void) {
    this.#say = say;
    this.#channels = [...addresses].map(([elector, address]) => {
      const channel = openChannel(address);
      void this.#watch(elector, openClient(grpcDefinition(AdminService), channel));
      return channel;
    });
  }

  /** Says whenever another host answers at the web service's port. */
  async watchWeb(port: number): Promise<void> {
    let last: string | undefined;
    while (!this.#stop.signal.aborted) {
      const answer = await whoAnswers(port);
      if (answer !== last && !this.#stop.signal.aborted) {
        this.#say(
          `http://127.0.0.1:${port} ${answer === undefined ? 'is silent' : `answers: ${answer}`}`,
        );
      }
      last = answer;
      await sleep(webEvery);
    }
  }

  /** Says nothing more, and lets go of every connection. */
  stop(): void {
    this.#stop.abort();
    for (const { timer } of this.#silence.values()) clearTimeout(timer);
    for (const channel of this.#channels) channel.close();
  }

  async #watch(elector: string, admin: Admin): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        for await (const { cluster } of admin.watchCluster({}, { signal })) {
          if (cluster === undefined) continue;
          this.#views.set(elector, cluster);
          // In the order of arrival, one after another: no event is told twice.
          this.#telling = this.#telling.then(() => this.#tell(elector, admin));
        }
      } catch {
        // Not up yet, or killed: the others tell what that means.
      }
      this.#views.delete(elector);
      if (!signal.aborted) await sleep(retryAfter);
    }
  }

  async #tell(elector: string, admin: Admin): Promise<void> {
    const view = this.#views.get(elector);
    // Others know less, or are mistaken: only a leader decides.
    if (view === undefined || view.leader !== elector || this.#outdated(view)) return;
    await this.#tellEvents(admin);
    this.#tellHosts(view);
  }

  #outdated(view: Cluster): boolean {
    return [...this.#views.values()].some(({ term, leader }) => leader !== '' && term > view.term);
  }

  async #tellEvents(admin: Admin): Promise<void> {
    try {
      const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(answerMax)]);
      const { events } = await admin.listEvents({ afterNumber: this.#told }, { signal });
      for (const { number, text, kind, rule } of events) {
        this.#told = number;
        // What has changed is told below as it is seen; but for the end of each story.
        if (kind === EventKind.DECISION || rule === 'promoted') this.#say(text);
      }
    } catch {
      // It died while it was asked: its successor tells the same events.
    }
  }

  #tellHosts({ electors, runners }: Cluster): void {
    for (const { name, heard } of electors) {
      const runner = runners.find((one) => one.name === name);
      const lost = runner?.state === RunnerState.DISCONNECTED;
      // A host is silent when nothing of it is heard; one daemon alone is told by the events.
      this.#noteSilence(name, !heard && (runner === undefined || lost));
    }
    for (const { name, state, services } of runners) {
      const before = this.#states.get(name);
      if (before === state) continue;
      this.#states.set(name, state);
      // Who has just been master goes down step by step: the events tell that.
      if (state === RunnerState.STANDBY && before !== RunnerState.MASTER) {
        this.#say(`${name} stands by: it could become master`);
      }
      const failure = services.find((service) => service.failure !== '');
      if (state === RunnerState.FAILED) {
        this.#say(`${name} has failed: ${failure?.name ?? ''} ${failure?.failure ?? ''}`);
      }
    }
  }

  #noteSilence(name: string, silent: boolean): void {
    // Before it was ever heard, a host is not missed.
    const note = this.#silence.get(name) ?? { silent, said: silent };
    this.#silence.set(name, note);
    if (note.silent !== silent) {
      note.silent = silent;
      clearTimeout(note.timer);
      note.timer = setTimeout(() => {
        if (note.said === note.silent) return;
        note.said = note.silent;
        this.#say(
          note.silent ? `${name} is silent: nothing is heard of it` : `${name} is heard again`,
        );
      }, silenceMin);
    }
  }
}

async function whoAnswers(port: number): Promise<string | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/`, {
      signal: AbortSignal.timeout(answerMax),
    });
    return (await response.text()).trim();
  } catch {
    return undefined;
  }
}
