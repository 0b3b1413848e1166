// What a test asks and orders of a cluster, over the admin API of its electors. A dead or stopped
// elector never holds a question up: all living ones are asked at once and the leader's answer counts.
import { AdminService } from '@koi/gen/koi/admin/v1/admin_service_pb';
import type { Cluster } from '@koi/gen/koi/cluster/v1/cluster_pb';
import { openChannel, openClient } from '@koi/lib/grpc/client';
import { type GrpcDefinition, grpcDefinition } from '@koi/lib/grpc/definition';
import type { Duration } from '@koi/lib/time';
import type { Channel, Client } from 'nice-grpc';

/** The admin API of one elector. */
export type AdminClient = Client<GrpcDefinition<typeof AdminService>>;

/** A leader answers within milliseconds; who takes longer is being replaced. */
const askMax: Duration = 600;

/** Clients to all electors of a test cluster. */
export class TestAdmin {
  readonly #targets: ReadonlyMap<string, string>;
  readonly #channels = new Map<string, Channel>();
  readonly #clients = new Map<string, AdminClient>();

  /** `targets`: where each elector is, by name. */
  constructor(targets: ReadonlyMap<string, string>) {
    this.#targets = targets;
    for (const [name, target] of targets) {
      const channel = openChannel(target);
      this.#channels.set(name, channel);
      this.#clients.set(name, openClient(grpcDefinition(AdminService), channel));
    }
  }

  /** The client to one elector. */
  of(elector: string): AdminClient {
    const client = this.#clients.get(elector);
    if (client === undefined) throw new Error(`there is no elector ${elector}`);
    return client;
  }

  /** Where one elector listens. */
  address(elector: string): string {
    const target = this.#targets.get(elector);
    if (target === undefined) throw new Error(`there is no elector ${elector}`);
    return target;
  }

  /** The cluster in the leader's own words; undefined while none of these electors leads. */
  async cluster(electors: readonly string[]): Promise<Cluster | undefined> {
    const answers = await Promise.all(electors.map((elector) => this.#ask(elector)));
    return answers
      .filter((answer) => answer !== undefined)
      .filter(({ elector, cluster }) => cluster?.leader === elector)
      .map(({ cluster }) => cluster)
      .filter((cluster) => cluster !== undefined)
      .toSorted((one, other) => Number(other.term - one.term))[0];
  }

  /** Closes every channel. */
  close(): void {
    for (const channel of this.#channels.values()) channel.close();
  }

  async #ask(elector: string) {
    try {
      return await this.of(elector).getCluster({}, { signal: AbortSignal.timeout(askMax) });
    } catch {
      return undefined;
    }
  }
}
