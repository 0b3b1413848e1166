// One elector of the simulation: the production core in the production loop, over a simulated disk,
// simulated streams and an order book. Its process may die and be started again over the same disk.
import { clusterDigest, timesDigest } from '@koi/lib/digest';
import { patienceOf } from '@koi/lib/grpc/patience';
import type { Loop } from '@koi/lib/loop';
import type { CommandRefusal, ElectorRecord } from '../../services/elector/src/core/effect.ts';
import { Elector } from '../../services/elector/src/core/elector.ts';
import type { Command, Input } from '../../services/elector/src/core/input.ts';
import type { Message } from '../../services/elector/src/core/message.ts';
import type { ElectorOptions, ListedElector } from '../../services/elector/src/core/options.ts';
import type { ClusterView } from '../../services/elector/src/core/view.ts';
import { createElectorLoop } from '../../services/elector/src/io/loop.ts';
import type { OrderAnswer } from '../../services/elector/src/io/order-book.ts';
import { replyKind, requestKind } from '../../services/elector/src/io/outbox-kind.ts';
import { DamagedRecordError } from '../../services/elector/src/io/store.ts';
import type { ReplyBody } from '../../services/elector/src/io/wire.ts';
import type { Connection } from './connection.ts';
import { ElectorServer } from './elector-server.ts';
import { NodeDisk } from './node-disk.ts';
import { bytesOf, type Packet } from './packet.ts';
import type { Random } from './random.ts';
import type { HostKit, SimHost } from './sim-host.ts';
import { SimLink } from './sim-link.ts';
import { SimProcess } from './sim-process.ts';

/** How long a stopping elector lives on until its last words are written. */
const LAST_WORDS = 50;

type PeerPacket = Packet<Message>;
type PeerConnection = Connection<PeerPacket, PeerPacket>;

/** What comes of an order. */
export interface Outcome extends Partial<OrderAnswer> {
  readonly reason: CommandRefusal | undefined;
  readonly text?: string;
}

interface Order {
  readonly command: Command;
  readonly done: (outcome: Outcome) => void;
}

/** What one life of the daemon consists of. */
interface Daemon {
  readonly process: SimProcess;
  readonly core: Elector;
  readonly loop: Loop<Input>;
  readonly links: ReadonlyMap<string, SimLink<PeerPacket, PeerPacket>>;
  readonly server: ElectorServer;
  readonly orders: Map<number, Order>;
}

export class SimElector {
  readonly name: string;
  readonly host: SimHost;
  /** What its process was started with. */
  options: ElectorOptions;
  /** What its configuration file says now: it is read when the process starts (P1). */
  list: readonly ListedElector[];
  /** It was taken out of the list: nobody starts it any more. */
  retired = false;
  readonly disk: NodeDisk;
  /** Told of every change, as the watches of the admin service are. */
  onChange: () => void = () => {};
  readonly #kit: HostKit;
  readonly #random: Random;
  #daemon: Daemon | undefined;
  #orders = 0;

  constructor(host: SimHost, kit: HostKit, name: string) {
    const { plan, world } = kit;
    this.name = name;
    this.host = host;
    this.#kit = kit;
    this.#random = kit.draw(`elector ${name}`);
    this.list = plan.hosts.flatMap(({ elector }) =>
      elector === undefined ? [] : [{ ...elector, address: `${elector.name}:1` }],
    );
    this.options = this.#configured();
    this.disk = new NodeDisk({
      world,
      random: kit.draw(`disk ${name}`),
      keepsBytes: plan.overWire,
      onDurable: (record) => kit.observer.durable(name, record),
    });
    this.disk.health = { slow: plan.diskSlow, fails: false };
  }

  #configured(): ElectorOptions {
    const { plan } = this.#kit;
    const { name, list } = this;
    return {
      cluster: 'sim',
      name,
      electors: list,
      times: plan.times,
      digest: clusterDigest(list, plan.times),
      timesDigest: timesDigest(plan.times),
      preempt: plan.preempt,
      initialPromotion: plan.initialPromotion,
      promotionHold: plan.recoveryDelay * 2,
      forgetAfter: plan.forgetAfter,
    };
  }

  get process(): SimProcess | undefined {
    return this.#daemon?.process;
  }

  get alive(): boolean {
    return this.#daemon?.process.alive === true;
  }

  get leading(): boolean {
    return this.#daemon?.core.role === 'leader';
  }

  /** Who leads, as this one knows. */
  get leader(): string | undefined {
    return this.#daemon?.core.leader;
  }

  /** The core of its present life. */
  get core(): Elector | undefined {
    return this.#daemon?.core;
  }

  view(): ClusterView | undefined {
    return this.#daemon?.core.cluster(this.host.clock.now());
  }

  get server(): ElectorServer | undefined {
    return this.#daemon?.server;
  }

  /** What the disk holds; undefined where production would refuse to start with it. */
  #record(): ElectorRecord | undefined {
    try {
      return this.disk.read();
    } catch (error) {
      if (!(error instanceof DamagedRecordError)) throw error;
      this.#kit.world.say(this.name, `refuses to start: ${error.message}`);
      return undefined;
    }
  }

  start(): void {
    this.host.whenAwake(() => {
      if (this.alive || this.retired) return;
      const record = this.#record();
      if (record !== undefined) this.#begin(record);
    });
  }

  #begin(record: ElectorRecord): void {
    const { world, observer, codec, network, flow } = this.#kit;
    if (this.options.electors !== this.list) this.options = this.#configured();
    const process = new SimProcess(world, this.host.clock, this.#random);
    const { clock } = process;
    const core = new Elector(this.options, record, clock.now());
    const orders = new Map<number, Order>();
    const feed = (input: Input) => {
      if (input.kind === 'message') observer.electorHears(this, input.from, input.message);
      loop.feed(input);
    };
    const patience = patienceOf(this.options.times.heartbeat);
    const { silenceMax } = patience;
    const server = new ElectorServer({
      name: this.name,
      process,
      world,
      station: this.host,
      codec,
      flow,
      silenceMax,
      feed,
    });
    const others = this.options.electors.filter(({ name }) => name !== this.name);
    const links = new Map(
      others.map(({ name: peer }) => {
        const there = this.#kit.electorNamed(peer);
        // As in production: an elector that begins with anything else is not the one that was dialled.
        let welcomed = false;
        const link = new SimLink<PeerPacket, PeerPacket>({
          network,
          random: this.#random,
          process,
          station: this.host,
          serverStation: there.host,
          server: () => there.server?.peers,
          patience,
          flow,
          bytesOf,
          onOpen: () => {
            welcomed = false;
            feed({ kind: 'peer-connected', peer });
          },
          onMessage: (packet) => {
            const message = codec.fromResponse(packet);
            welcomed ||= message.body?.kind === 'welcome';
            if (welcomed) feed({ kind: 'message', from: peer, message });
            else link.close();
          },
          onLost: () => feed({ kind: 'peer-lost', peer }),
          onConnection: (connection: PeerConnection) => this.#kit.keep(connection),
        });
        return [peer, link] as const;
      }),
    );
    const loop = createElectorLoop({
      core: this.#watched(core),
      clock,
      world: this.#worldOf({ process, server, links, orders }),
      onFault: (error) =>
        world.violate('no fault in a core', `${this.name}: ${describeError(error)}`),
    });
    this.#daemon = { process, core, loop, links, server, orders };
    observer.electorStarted(this);
    world.say(this.name, 'starts');
    loop.start();
    for (const link of links.values()) link.start();
  }

  /** The core, with every step shown to the checkers. */
  #watched(core: Elector): Pick<Elector, 'deadline' | 'step'> {
    const { observer } = this.#kit;
    return {
      get deadline() {
        return core.deadline;
      },
      step: (input, now) => {
        const effects = core.step(input, now);
        observer.electorStepped(this);
        return effects;
      },
    };
  }

  #worldOf(parts: Pick<Daemon, 'process' | 'server' | 'links' | 'orders'>) {
    const { process, server, links, orders } = parts;
    const { world, observer, codec } = this.#kit;
    const feed = (input: Input) => this.#daemon?.loop.feed(input);
    const sent = (to: string, message: Message) => observer.electorSends(this, to, message);
    const log = (text: string) => world.say(this.name, text);
    return {
      store: {
        persist: (number: number, record: Parameters<NodeDisk['persist']>[1]) => {
          observer.electorPersists(this, record);
          this.disk.persist(number, record, process, {
            persisted: (done) => feed({ kind: 'persisted', number: done }),
            failed: (failed, reason) => feed({ kind: 'persist-failed', number: failed, reason }),
          });
        },
      },
      links: new Map(
        [...links].map(([peer, link]) => {
          const send = (message: Message, body: Parameters<typeof codec.request>[1]) => {
            sent(peer, message);
            if (link.open) link.send(codec.request(message, body, this.name), requestKind(body));
          };
          return [peer, { send }] as const;
        }),
      ),
      peers: {
        reply: (to: string, message: Message, body: ReplyBody) => {
          sent(to, message);
          return server.reply(to, codec.response(message, body, this.name), replyKind(body));
        },
      },
      runners: {
        assign: (
          runner: string,
          session: string,
          assignment: Parameters<ElectorServer['assign']>[2],
        ) => {
          observer.assigned(this, runner, assignment);
          server.assign(runner, session, assignment);
        },
        heard: (runner: string, session: string, number: number) =>
          server.heard(runner, session, number),
        refuse: (runner: string, session: string, reason: string) =>
          server.refuse(runner, session, reason),
      },
      book: {
        answer: (id: number, answer: OrderAnswer) => {
          const order = orders.get(id);
          orders.delete(id);
          if (order === undefined) {
            world.violate('an order is answered once', `${this.name} answers ${id} again`);
            return;
          }
          observer.answered(this, order.command, answer.revision);
          order.done({ ...answer, reason: undefined });
        },
        refuse: (id: number, reason: CommandRefusal, text: string) => {
          const order = orders.get(id);
          orders.delete(id);
          world.say(this.name, `refuses ${order?.command.kind}: ${reason}: ${text}`);
          order?.done({ reason, text });
        },
      },
      changes: { raise: () => this.onChange() },
      log: { info: log, warn: log },
    };
  }

  /** Gives an order to this elector, as its admin service would. */
  order(command: Command, done: (outcome: Outcome) => void): void {
    const daemon = this.#daemon;
    if (daemon === undefined) return;
    this.#orders += 1;
    const id = this.#orders;
    daemon.process.deliver(() => {
      daemon.orders.set(id, { command, done });
      daemon.loop.feed({ kind: 'command', id, command });
    });
  }

  /** A clean end: it resigns, and ends when that is written. */
  stop(then: () => void): void {
    const daemon = this.#daemon;
    if (daemon === undefined) return;
    daemon.process.deliver(() => {
      daemon.loop.feed({ kind: 'stop' });
      daemon.server.end();
      for (const link of daemon.links.values()) link.stop();
      this.#kit.world.after(LAST_WORDS, () => {
        if (this.#daemon === daemon) this.crash();
        then();
      });
    });
  }

  /** The process is gone. */
  crash(): void {
    const daemon = this.#daemon;
    if (daemon === undefined) return;
    this.#daemon = undefined;
    daemon.process.end();
    daemon.loop.stop();
    this.disk.crash();
    this.#kit.processEnded(daemon.process);
    this.#kit.world.say(this.name, 'is gone');
  }
}

function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
