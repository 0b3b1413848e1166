// An elector that only talks: it serves the admin API with set answers, so that what koi-admin
// prints can be compared letter by letter. Its streams say what the test lets them say.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  AdminService,
  type ExplainResponseSchema,
  type GetClusterResponseSchema,
  type GetNodeResponseSchema,
  type WatchClusterResponseSchema,
  type WatchEventsResponseSchema,
} from '@koi/gen/koi/admin/v1/admin_service_pb';
import type { EventSchema, FailoverSchema, FailureSchema } from '@koi/gen/koi/cluster/v1/event_pb';
import {
  type GetLocalResponseSchema,
  LocalService,
  type ReloadResponseSchema,
} from '@koi/gen/koi/local/v1/local_service_pb';
import { grpcDefinition } from '@koi/lib/grpc/definition';
import { createServer, listen } from '@koi/lib/grpc/server';
import type { ExecutionContext } from 'ava';
import type { ServiceImplementation } from 'nice-grpc';
import { Tape } from './tape.ts';

const adminDefinition = grpcDefinition(AdminService);
const localDefinition = grpcDefinition(LocalService);

/** How long a stopping fake may take, in milliseconds. */
const STOP_GRACE = 100;

type ViewInit = MessageInitShape<typeof WatchClusterResponseSchema>;
type EventsInit = MessageInitShape<typeof WatchEventsResponseSchema>;

/** What a fake answers. */
export interface Answers {
  readonly cluster?: MessageInitShape<typeof GetClusterResponseSchema>;
  readonly node?: MessageInitShape<typeof GetNodeResponseSchema>;
  readonly events?: MessageInitShape<typeof EventSchema>[];
  readonly failovers?: MessageInitShape<typeof FailoverSchema>[];
  readonly failures?: MessageInitShape<typeof FailureSchema>[];
  readonly explanation?: MessageInitShape<typeof ExplainResponseSchema>;
  readonly local?: MessageInitShape<typeof GetLocalResponseSchema>;
  readonly reload?: MessageInitShape<typeof ReloadResponseSchema>;
  /** Thrown by every order, and by Reload. */
  readonly refusal?: Error;
  /** Orders held already. */
  readonly held?: boolean;
  /** Orders are answered after this long, in milliseconds. */
  readonly delay?: number;
}

/** A fake that listens. */
export interface FakeElector {
  /** host:port or unix:/path. */
  readonly address: string;
  /** The orders that it got. */
  readonly orders: readonly string[];
  /** Resolves once it got so many of them. */
  ordered(count: number): Promise<void>;
  /** The requests of the streams and looks that it got. */
  readonly looks: readonly string[];
  /** What it answers from now on. */
  answer(more: Answers): void;
  /** What WatchCluster sends: the present view first, then each one that is shown. */
  readonly views: Tape<ViewInit>;
  /** What WatchEvents sends. */
  readonly happenings: Tape<EventsInit>;
  /** Its process dies: every connection breaks. */
  die(): Promise<void>;
}

/** Starts a fake on a free port, or on a socket of its own; it ends with the test. */
export async function startFake(
  t: Pick<ExecutionContext, 'teardown'>,
  answers: Answers,
  kind: 'port' | 'socket' = 'port',
): Promise<FakeElector> {
  const fake = new Fake(answers);
  const server = createServer();
  server.add(adminDefinition, fake.admin());
  server.add(localDefinition, fake.local());
  const folder = mkdtempSync(join(tmpdir(), 'koi-cli-'));
  const address = kind === 'port' ? '127.0.0.1:0' : `unix:${folder}/elector.sock`;
  const listener = await listen(server, address);
  let dead: Promise<void> | undefined;
  const die = () => {
    dead ??= listener.stop(0);
    return dead;
  };
  t.teardown(async () => {
    await (dead ?? listener.stop(STOP_GRACE));
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    address: listener.address,
    orders: fake.orders,
    ordered: (count) => fake.ordered(count),
    looks: fake.looks,
    answer: (more) => fake.answer(more),
    views: fake.views,
    happenings: fake.happenings,
    die,
  };
}

class Fake {
  readonly orders: string[] = [];
  readonly looks: string[] = [];
  readonly views = new Tape<ViewInit>();
  readonly happenings = new Tape<EventsInit>();
  readonly #listeners = new Set<() => void>();
  #answers: Answers;

  constructor(answers: Answers) {
    this.#answers = answers;
  }

  answer(more: Answers): void {
    this.#answers = { ...this.#answers, ...more };
  }

  async ordered(count: number): Promise<void> {
    while (this.orders.length < count) {
      await new Promise<void>((resolve) => this.#listeners.add(resolve));
    }
  }

  async #take(order: string): Promise<{ revision: bigint; held: boolean }> {
    this.orders.push(order);
    for (const listener of this.#listeners) listener();
    const { delay = 0, refusal, held = false } = this.#answers;
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
    if (refusal !== undefined) throw refusal;
    return { revision: 12n, held };
  }

  admin(): ServiceImplementation<typeof adminDefinition> {
    return {
      getCluster: async () => this.#answers.cluster ?? {},
      watchCluster: (_request, { signal }) => this.views.play(signal),
      getNode: async ({ name }) => {
        this.looks.push(`node ${name}`);
        return this.#answers.node ?? {};
      },
      listEvents: async ({ afterNumber, since }) => {
        this.looks.push(`events after ${afterNumber} since ${since?.seconds ?? 'ever'}`);
        const { events = [], failovers = [] } = this.#answers;
        return { events: events.filter(({ number = 0n }) => number > afterNumber), failovers };
      },
      watchEvents: ({ afterNumber }, { signal }) => {
        this.looks.push(`watch events after ${afterNumber}`);
        return this.happenings.play(signal);
      },
      listFailures: async ({ runner }) => {
        this.looks.push(`failures of ${runner}`);
        return { failures: this.#answers.failures ?? [] };
      },
      explain: async ({ runner, epoch }) => {
        this.looks.push(`why ${runner} ${epoch}`);
        return this.#answers.explanation ?? {};
      },
      promoteRunner: ({ runner, force }) =>
        this.#take(`promote ${runner}${force === true ? ' by force' : ''}`),
      demoteMaster: () => this.#take('demote'),
      electMaster: () => this.#take('elect'),
      setMaintenance: ({ on }) => this.#take(`maintenance ${on}`),
      startRunner: ({ runner }) => this.#take(`start ${runner}`),
      stopRunner: ({ runner }) => this.#take(`stop ${runner}`),
      recoverRunner: ({ runner }) => this.#take(`recover ${runner}`),
      confirmRunnerDown: ({ runner }) => this.#take(`confirm-down ${runner}`),
      reconfigure: ({ runner }) => this.#take(`reconfigure ${runner}`),
    };
  }

  local(): ServiceImplementation<typeof localDefinition> {
    return {
      getLocal: async () => this.#answers.local ?? {},
      reload: async () => {
        if (this.#answers.refusal !== undefined) throw this.#answers.refusal;
        this.orders.push('reload');
        return this.#answers.reload ?? {};
      },
    };
  }
}
