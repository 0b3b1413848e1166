// The simulated network does what the checkers and the faults take it to do: streams deliver in order, cuts
// hold back and release, ends learn of a break late, and an unread stream fills its outbox.
import { Outbox } from '@koi/lib/grpc/outbox';
import test from 'ava';
import { Connection, type Station } from './connection.ts';
import { pump } from './flow-control.ts';
import { Network } from './network.ts';
import { NodeClock } from './node-clock.ts';
import { Random } from './random.ts';
import { SimProcess } from './sim-process.ts';
import { World } from './world.ts';

const WEATHER = { least: 1, jitter: 3, loss: 0.05, retransmission: 100 };

interface Host extends Station {
  up: boolean;
  process: SimProcess;
}

/** Two hosts and a stream between them. */
class Wire {
  readonly world = new World(false);
  readonly network = new Network(this.world, WEATHER, new Random(1, 'network'));
  readonly client = this.#host('client');
  readonly server = this.#host('server');
  readonly up: number[] = [];
  readonly down: number[] = [];
  readonly ends: string[] = [];
  readonly stream: Connection<number, number>;

  constructor(window?: number) {
    const { client, server } = this;
    const side = (station: Host) => ({ process: station.process, station });
    this.stream = new Connection(this.network, side(client), side(server), window);
    this.stream.serverEnd = {
      onMessage: (message) => this.up.push(message),
      onEnd: () => this.ends.push('server'),
    };
    this.stream.clientEnd = {
      onMessage: (message) => this.down.push(message),
      onEnd: () => this.ends.push('client'),
    };
  }

  #host(name: string): Host {
    const clock = new NodeClock(this.world, 1, 0);
    return { name, up: true, process: new SimProcess(this.world, clock, new Random(1, name)) };
  }

  run(duration: number): void {
    this.world.run(this.world.now + duration);
  }
}

function count(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

test('a stream delivers in order, whatever is lost on the way', (t) => {
  const wire = new Wire();
  for (const number of count(500)) {
    wire.world.at(number, () => wire.stream.up.write(number, 0));
  }
  wire.run(2_000);
  t.deepEqual(wire.up, count(500));
});

test('a cut holds back what is sent, and releases it in order when it is mended', (t) => {
  const wire = new Wire();
  let felt = 0;
  const mend = wire.network.cut('client', 'server', () => {
    felt += 1;
  });
  for (const number of count(10)) wire.stream.up.write(number, 0);
  wire.run(5_000);
  t.deepEqual(wire.up, []);
  t.true(felt > 0);
  mend();
  wire.run(WEATHER.retransmission);
  t.deepEqual(wire.up, count(10));
});

test('a cut of one direction leaves the other one alone', (t) => {
  const wire = new Wire();
  wire.network.cut('client', 'server', () => {});
  wire.stream.up.write(1, 0);
  wire.stream.down.write(2, 0);
  wire.run(1_000);
  t.deepEqual(wire.up, []);
  t.deepEqual(wire.down, [2]);
});

test('who does not notice a break learns of it by what it sends', (t) => {
  const wire = new Wire();
  wire.stream.snap(true, false);
  wire.run(1_000);
  t.deepEqual(wire.ends, ['client']);
  wire.stream.down.write(1, 0);
  wire.run(1_000);
  t.deepEqual(wire.down, []);
  t.deepEqual(wire.ends, ['client', 'server']);
});

test('a host that has lost a stream in a crash refuses it once it is up again, and not before', (t) => {
  const wire = new Wire();
  wire.server.up = false;
  wire.server.process.end();
  wire.stream.processEnded(wire.server.process);
  wire.stream.up.write(1, 0);
  wire.run(1_000);
  t.deepEqual(wire.ends, [], 'a dead host says nothing');
  wire.server.up = true;
  wire.stream.up.write(2, 0);
  wire.run(1_000);
  t.deepEqual(wire.ends, ['client']);
  t.deepEqual(wire.up, []);
});

test('a process that ends on a host that goes on is told of', (t) => {
  const wire = new Wire();
  wire.server.process.end();
  wire.stream.processEnded(wire.server.process);
  wire.run(1_000);
  t.deepEqual(wire.ends, ['client']);
});

/** An outbox of the client's, on a stream whose window holds two messages. */
function stalled(wire: Wire, capacity: number, onOverflow = () => {}) {
  const outbox = new Outbox<number>({ capacity, onOverflow });
  pump({
    world: wire.world,
    process: wire.client.process,
    flow: { window: 20, capacity, nextTurn: true },
    outbox,
    exit: wire.stream.up,
    bytesOf: () => 10,
    onWritten: () => wire.stream.closeClient(false),
  });
  const mend = wire.network.cut('client', 'server', () => {});
  return { outbox, mend };
}

test('what finds no room in a stalled stream is replaced by newer news of its kind', (t) => {
  const wire = new Wire(20);
  const { outbox, mend } = stalled(wire, 10);
  for (const number of count(10)) {
    outbox.push(number, 'heartbeat');
    if (number === 5) outbox.push(100);
    wire.run(200);
  }
  t.is(outbox.length, 2, 'the newest heartbeat and the grant');
  mend();
  wire.run(1_000);
  t.deepEqual(wire.up, [0, 1, 9, 100], 'two filled the window, in their places');
  outbox.push(10, 'heartbeat');
  wire.run(1_000);
  t.is(wire.up.at(-1), 10, 'a reader that reads again gives the window back');
});

test('two pieces of news in one turn are one message', (t) => {
  const wire = new Wire(20);
  const { outbox, mend } = stalled(wire, 10);
  mend();
  outbox.push(1, 'heartbeat');
  outbox.push(2, 'heartbeat');
  wire.run(1_000);
  t.deepEqual(wire.up, [2]);
});

test('grants that find no room are kept until the outbox is full, and then the stream closes', (t) => {
  const wire = new Wire(20);
  const { outbox } = stalled(wire, 4, () => wire.stream.closeClient(true));
  for (const number of count(6)) {
    t.true(outbox.push(number));
    wire.run(200);
  }
  t.false(outbox.push(6));
  t.true(outbox.closed);
  t.false(wire.stream.client.open);
});

test('a paused reader gives no window back', (t) => {
  const wire = new Wire(20);
  const { outbox, mend } = stalled(wire, 10);
  mend();
  wire.server.process.pause();
  for (const number of count(5)) {
    outbox.push(number);
    wire.run(200);
  }
  t.is(outbox.length, 3);
  wire.server.process.resume();
  wire.run(1_000);
  t.deepEqual(wire.up, count(5));
});
