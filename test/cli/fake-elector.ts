// An elector that only talks: it serves the admin API with set answers, so that what koi-admin
// prints can be compared letter by letter.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  AdminService,
  type GetClusterResponseSchema,
} from '@koi/gen/koi/admin/v1/admin_service_pb';
import type { EventSchema } from '@koi/gen/koi/cluster/v1/event_pb';
import { type GetLocalResponseSchema, LocalService } from '@koi/gen/koi/local/v1/local_service_pb';
import { grpcDefinition } from '@koi/lib/grpc/definition';
import { createServer, listen } from '@koi/lib/grpc/server';
import type { ExecutionContext } from 'ava';
import type { ServiceImplementation } from 'nice-grpc';

const adminDefinition = grpcDefinition(AdminService);
const localDefinition = grpcDefinition(LocalService);

/** How long a stopping fake may take, in milliseconds. */
const STOP_GRACE = 100;

/** What a fake answers. */
export interface Answers {
  readonly cluster?: MessageInitShape<typeof GetClusterResponseSchema>;
  readonly events?: MessageInitShape<typeof EventSchema>[];
  readonly local?: MessageInitShape<typeof GetLocalResponseSchema>;
  /** Thrown by every order. */
  readonly refusal?: Error;
  /** Orders are answered after this long, in milliseconds. */
  readonly delay?: number;
}

/** A fake that listens, and the orders that it got. */
export interface FakeElector {
  /** host:port or unix:/path. */
  readonly address: string;
  readonly orders: readonly string[];
}

/** Starts a fake on a free port, or on a socket of its own; it ends with the test. */
export async function startFake(
  t: ExecutionContext,
  answers: Answers,
  kind: 'port' | 'socket' = 'port',
): Promise<FakeElector> {
  const orders: string[] = [];
  const server = createServer();
  server.add(adminDefinition, admin(answers, orders));
  server.add(localDefinition, { getLocal: async () => answers.local ?? {} });
  const folder = mkdtempSync(join(tmpdir(), 'koi-cli-'));
  const address = kind === 'port' ? '127.0.0.1:0' : `unix:${folder}/elector.sock`;
  const listener = await listen(server, address);
  t.teardown(async () => {
    await listener.stop(STOP_GRACE);
    rmSync(folder, { recursive: true, force: true });
  });
  return { address: listener.address, orders };
}

function admin(answers: Answers, orders: string[]): ServiceImplementation<typeof adminDefinition> {
  const take = async (order: string) => {
    orders.push(order);
    const { delay = 0, refusal } = answers;
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
    if (refusal !== undefined) throw refusal;
    return { revision: 12n };
  };
  return {
    getCluster: async () => answers.cluster ?? {},
    watchCluster: async function* () {
      yield {};
    },
    listEvents: async ({ afterNumber }) => ({
      events: (answers.events ?? []).filter(({ number = 0n }) => number > afterNumber),
    }),
    promoteRunner: ({ runner }) => take(`promote ${runner}`),
    demoteMaster: () => take('demote'),
    electMaster: () => take('elect'),
    setMaintenance: ({ on }) => take(`maintenance ${on}`),
    startRunner: ({ runner }) => take(`start ${runner}`),
    stopRunner: ({ runner }) => take(`stop ${runner}`),
    recoverRunner: ({ runner }) => take(`recover ${runner}`),
    confirmRunnerDown: ({ runner }) => take(`confirm-down ${runner}`),
  };
}
