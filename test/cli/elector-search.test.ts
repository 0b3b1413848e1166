// Where koi-admin looks for an elector, in which order, and how it says that none answers.
import { createServer as createTcpServer } from 'node:net';
import { koiError } from '@koi/lib/grpc/errors';
import test from 'ava';
import { startFake } from './fake-elector.ts';
import { freePort, koiAdmin, portOf, writeConfig } from './koi-admin.ts';

test('nobody listens: exit 3, and what was asked', async (t) => {
  const port = await freePort();
  const { exit, out, err } = await koiAdmin(['--elector', `127.0.0.1:${port}`, 'get-cluster']);
  t.is(exit, 3);
  t.is(out, '');
  t.is(
    err,
    `koi-admin: error: no elector answers
koi-admin: hint: asked 127.0.0.1:${port} (the connection was refused or broke)
koi-admin: hint: is koi-elector running there, and does the configuration name the right addresses?
`,
  );
});

test('the configured electors are asked in order until one answers', async (t) => {
  const { address, orders } = await startFake(t, {});
  const cutOff = await startFake(t, { refusal: koiError('NO_LEADER', 'Nobody leads.') });
  const config = writeConfig(
    t,
    `cluster: shop
name: a
electors:
  - { name: a, address: "127.0.0.1:${await freePort()}", priority: 3 }
  - { name: b, address: "${cutOff.address}", priority: 2 }
  - { name: c, address: "${address}", priority: 1 }
elector: { socket: /nonexistent/elector.sock }
`,
  );
  t.is((await koiAdmin(['promote', 'b', '--config', config])).exit, 0);
  t.is((await koiAdmin(['promote', 'c'], { env: { KOI_CONFIG: config } })).exit, 0);
  t.deepEqual(orders, ['promote b', 'promote c']);
  t.deepEqual(cutOff.orders, ['promote b', 'promote c']);
});

test('an elector that accepts and says nothing, like a stopped process, costs 300 ms', async (t) => {
  const { address, orders } = await startFake(t, {});
  const mute = createTcpServer();
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  t.teardown(() => mute.close());
  const config = writeConfig(
    t,
    `cluster: shop
name: a
electors:
  - { name: a, address: "127.0.0.1:${portOf(mute)}", priority: 3 }
  - { name: b, address: "${address}" }
elector: { socket: /nonexistent/elector.sock }
`,
  );
  t.deepEqual(await koiAdmin(['elect', '--config', config]), {
    exit: 0,
    out: 'a master is to be elected (revision 12)\n',
    err: '',
  });
  t.deepEqual(orders, ['elect']);
});

test("this host's socket is asked before the list, and local asks it too", async (t) => {
  const local = {
    program: 'koi-elector',
    name: 'a',
    version: '0.1.0',
    processId: 99,
    uptime: { seconds: 95n },
    configuration: '/etc/koi/koi.yaml',
    state: 'leads term 3',
    links: [{ peer: 'b', open: true, lastHeard: { nanos: 7_000_000 } }, { peer: 'c' }],
  };
  const socket = await startFake(t, { local }, 'socket');
  const other = await startFake(t, {});
  const config = writeConfig(
    t,
    `cluster: shop
name: a
electors: [{ name: a, address: "${other.address}" }]
elector: { socket: "${socket.address.replace('unix:', '')}" }
`,
  );
  t.is((await koiAdmin(['elect', '--config', config])).exit, 0);
  t.deepEqual([socket.orders, other.orders], [['elect'], []]);
  t.deepEqual(await koiAdmin(['local', '--config', config]), {
    exit: 0,
    err: '',
    out: `koi-elector a, release 0.1.0, process 99, up 95.0 s
configuration: /etc/koi/koi.yaml
state: leads term 3
streams
├─ b  open    heard 7 ms ago
└─ c  closed  never heard
`,
  });
});

test('local without a daemon: exit 3, and which sockets were asked', async (t) => {
  const config = writeConfig(
    t,
    `cluster: shop
name: a
electors: [{ name: a, address: "127.0.0.1:1" }]
elector: { socket: ./e.sock }
runner: { socket: ./r.sock }
`,
  );
  const folder = config.replace('/koi.yaml', '');
  const { exit, err } = await koiAdmin(['local', '--config', config]);
  t.is(exit, 3);
  t.is(
    err,
    `koi-admin: error: no daemon of this host answers
koi-admin: hint: asked ${folder}/e.sock (there is no such socket), ${folder}/r.sock (there is no such socket)
koi-admin: hint: the sockets are open to their daemons' user alone: is it run as root?
`,
  );
});

test('an elector that connects and never answers: exit 3 after --timeout', async (t) => {
  const { address } = await startFake(t, { delay: 60_000 });
  const { exit, err } = await koiAdmin(['elect', '--timeout', '200ms', '--elector', address]);
  t.is(exit, 3);
  t.is(
    err,
    `koi-admin: error: ${address} has not answered within 200 ms
koi-admin: hint: an order may have taken effect all the same; --timeout gives it longer
`,
  );
});

test('a command that needs a refused configuration exits 1 with its first problem', async (t) => {
  const config = writeConfig(t, 'clutser: x\n');
  const { exit, err } = await koiAdmin(['elect', '--config', config]);
  t.is(exit, 1);
  t.is(
    err,
    `koi-admin: error: ${config}:1:1: cluster: is missing (and 2 more)
koi-admin: hint: \`koi-admin check-config ${config}\` tells all of them
`,
  );
  const missing = await koiAdmin(['elect', '--config', '/nonexistent/koi.yaml']);
  t.is(
    missing.err,
    `koi-admin: error: /nonexistent/koi.yaml: cannot be read: there is no such file
koi-admin: hint: name a configuration with --config, or an elector with --elector HOST:PORT
`,
  );
});
