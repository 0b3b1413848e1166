// The example of a virtual IP, as it stands, on three hosts with networks of their own and a neighbour on the same
// wire: the address is at one host at most, whatever happens to hosts and daemons, and the neighbour follows it
// without asking.
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import anyTest, { type ExecutionContext } from 'ava';
import { TestCluster } from '../cluster/test-cluster.ts';
import { TestNetwork, WITHOUT_NAMESPACES } from '../cluster/test-network.ts';

const example = fileURLToPath(new URL('../../examples/virtual-ip/50-virtual-ip', import.meta.url));
const hosts = ['a', 'b', 'c'] as const;
/** What the example's configuration says. */
const addresses = ['192.0.2.10', '2001:db8::10'] as const;
/** Where every host answers with its name. */
const port = 8_080;

const waitMax = 15_000;
const lookEvery = 20;

const leftOut = process.env[WITHOUT_NAMESPACES] === '1';
// What did not run has not passed: the report says that it was skipped.
const test = leftOut ? anyTest.skip : anyTest.serial;

let network: TestNetwork;
let cluster: TestCluster | undefined;

anyTest.before('start', async () => {
  if (leftOut) return;
  network = await TestNetwork.open([...hosts, 'neighbour', 'spare']);
  // What it knows of the others it believes for an hour: it changes its mind only where it is told to.
  for (const family of ['ipv4', 'ipv6']) {
    const setting = `/proc/sys/net/${family}/neigh/eth0/base_reachable_time_ms`;
    network.run('neighbour', 'sh', '-c', `echo 3600000 >${setting}`);
  }
  for (const host of hosts) {
    const program = `require('net').createServer((s) => s.end('${host}')).listen(${port}, '::')`;
    network.start(host, process.execPath, '-e', program);
  }
  cluster = await TestCluster.start({
    network,
    web: false,
    addServices: (_, services) => symlinkSync(example, join(services, '50-virtual-ip')),
  });
});

anyTest.after.always('remove', async () => {
  await cluster?.close();
  if (leftOut) return;
  network?.close();
  const name = cluster?.name;
  for (const file of readdirSync('/run')) {
    if (name !== undefined && file.startsWith(`koi-${name}-`)) rmSync(join('/run', file));
  }
});

anyTest.afterEach.always('one host with the address at a time', (t) => {
  if (cluster === undefined) return;
  t.deepEqual(
    addresses.flatMap((address) => network.conflicts(address)),
    [],
  );
  t.deepEqual(cluster.faults(), []);
});

/** Who answers at an address that the neighbour calls; empty: nobody. */
function answerAt(address: string): string {
  const call = `exec 3<>/dev/tcp/${address}/${port} && cat <&3`;
  try {
    return network.run('neighbour', 'timeout', '2', 'bash', '-c', call);
  } catch {
    return '';
  }
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + waitMax;
  while (!holds()) {
    if (performance.now() > deadline) {
      const beliefs = network.run('neighbour', 'ip', 'neigh', 'show');
      const changes = network.changes.map((change) => JSON.stringify(change)).join('\n');
      throw new Error(`never came: ${what}\n${beliefs}\n${changes}\n${cluster?.tell()}`);
    }
    await sleep(lookEvery);
  }
}

/** Waits until one host has all the addresses, and no other any. */
async function untilHeldBy(is: (host: string) => boolean): Promise<string> {
  let holder = '';
  await until('one host has all the addresses', () => {
    const [first = '', ...others] = new Set(
      addresses.map((address) => `${network.holders(address)}`),
    );
    holder = first;
    return others.length === 0 && is(first);
  });
  return holder;
}

/** A cluster in which all is well, and a neighbour that has spoken with the master. */
async function settle() {
  if (cluster === undefined) throw new Error('the cluster has not started');
  const { master } = await cluster.untilSettled();
  await untilHeldBy((host) => host === master);
  for (const address of addresses) {
    await until(`${master} answers at ${address}`, () => answerAt(address) === master);
  }
  return { cluster, master, others: cluster.others(master) };
}

/** Somebody else has the addresses, and the neighbour knows without having asked. */
async function untilFollowed(t: ExecutionContext, before: string): Promise<string> {
  const after = await untilHeldBy((host) => host !== '' && host !== before);
  // It has sent nothing since it last spoke with the old master, so it has only been told.
  const mac = network.macOf(after);
  for (const address of addresses) {
    await until(`the neighbour has followed ${address} to ${after}`, () => {
      return network.neighbour('neighbour', address) === mac;
    });
    t.is(answerAt(address), after);
  }
  return after;
}

test('an administrator moves it: the neighbour follows', async (t) => {
  const { cluster, master, others } = await settle();
  const [target = ''] = others;
  await cluster.admin.of(target).promoteRunner({ runner: target });
  t.is(await untilFollowed(t, master), target);
});

test('only koi-runner is killed: its deadman takes the address away', async (t) => {
  const { cluster, master } = await settle();
  cluster.host(master).signal('runner', 'SIGKILL');
  await untilFollowed(t, master);
  cluster.host(master).startDaemon('runner');
});

test('the master is cut off, and does not notice: it gives the address up in time', async (t) => {
  const { master } = await settle();
  network.unplug(master);
  t.teardown(() => network.plug(master));
  await untilFollowed(t, master);
});

test('the host loses its power', async (t) => {
  const { cluster, master } = await settle();
  network.unplug(master);
  cluster.host(master).kill();
  network.blackOut(master);
  await untilFollowed(t, master);
  network.boot(master);
  cluster.host(master).start();
  await settle();
});

test('one of its addresses is taken away by hand: this host has failed', async (t) => {
  const { master } = await settle();
  const [address] = addresses;
  network.run(master, 'ip', 'address', 'del', `${address}/32`, 'dev', 'eth0');
  await untilFollowed(t, master);
});

const look = ['ip', '-o', 'address', 'show', 'to', '192.0.2.20/32'] as const;

/** The example on a host without koi, with another configuration. */
function copyExample(t: ExecutionContext) {
  const directory = mkdtempSync(join(tmpdir(), 'koi-test-'));
  const name = basename(directory);
  t.teardown(() => {
    rmSync(directory, { recursive: true });
    rmSync(`/run/koi-${name}-d-virtual-ip`, { force: true });
  });
  const folder = join(directory, 'examples', 'virtual-ip', '50-virtual-ip');
  cpSync(example, folder, { recursive: true });
  cpSync(join(example, '../../../packaging'), join(directory, 'packaging'), { recursive: true });
  const file = join(folder, 'virtual-ip.conf');
  const script = (action: string, promoted: 0 | 1 = 0) => {
    const names = [`KOI_CLUSTER=${name}`, 'KOI_NODE=d', 'KOI_SERVICE=virtual-ip'];
    const state = ['KOI_STATE=standby', `KOI_IS_PROMOTED=${promoted}`];
    const command = `cd '${folder}' && { ./${action} 2>&1; echo "= $?"; }`;
    return network.run('spare', 'env', ...names, ...state, 'sh', '-c', command).trim();
  };
  return { configure: (text: string) => writeFileSync(file, text), file, script };
}

test('its scripts say what is true, come again, and take time for nothing', (t) => {
  const { configure, script } = copyExample(t);
  configure('interface eth0\naddress 192.0.2.20/32\n');
  t.is(script('start'), '= 0');
  t.is(script('status'), '= 0');
  for (const _ of [1, 2]) t.is(script('promote', 1), '= 0');
  t.is(script('status', 1), '= 90');
  // A backup that has it is to know that, so that it is demoted.
  t.is(script('status', 0), '= 90');
  t.regex(network.run('spare', ...look), /inet 192\.0\.2\.20\/32 /);
  for (const _ of [1, 2]) t.is(script('demote', 1), '= 0');
  t.is(script('status', 1), '= 91');
  network.run('spare', 'ip', 'link', 'set', 'eth0', 'down');
  t.is(script('status'), '= 93');
  network.run('spare', 'ip', 'link', 'set', 'eth0', 'up');
});

test('a configuration that is spoilt meanwhile holds no address back', (t) => {
  const { configure, file, script } = copyExample(t);
  configure('interface eth0\naddress 192.0.2.20/32\n');
  t.is(script('promote', 1), '= 0');
  configure('interface eth0\naddress 192.0.2.30/32\n');
  t.is(script('status', 0), '= 90');
  configure('interface eth0\n# where to\nadress 192.0.2.20/32\n');
  const refusal = `${file}, line 3: wants "interface" or "address" instead of "adress"\n= 1`;
  t.is(script('start'), refusal);
  t.is(script('status', 1), refusal);
  t.is(script('demote', 1), '= 0');
  t.is(network.run('spare', ...look), '');
  configure('interface eth9\naddress 192.0.2.20/32\n');
  t.regex(script('start'), /^this host has no interface eth9: .*virtual-ip\.conf names it\n= 1$/);
});
