// --wait: an order is followed to its end, told as it goes, bounded, and left alone at Ctrl-C.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ClusterSchema } from '@koi/gen/koi/cluster/v1/cluster_pb';
import { RunnerState } from '@koi/gen/koi/cluster/v1/runner_pb';
import { ServiceState } from '@koi/gen/koi/cluster/v1/service_pb';
import test from 'ava';
import { startFake } from './fake-elector.ts';
import { koiAdmin, startKoiAdmin, writeElectors } from './koi-admin.ts';

type ClusterInit = MessageInitShape<typeof ClusterSchema>;

function runner(name: string, state: RunnerState, service: ServiceState, more: object = {}) {
  return { name, state, services: [{ name: 'web', state: service, promotable: true }], ...more };
}

const { STANDBY, MASTER, STOPPED, FAILED, LIVE } = RunnerState;
const { STARTED, PROMOTED, PROMOTING, DEMOTING } = ServiceState;

/** a is master. */
const BEFORE = {
  name: 'shop',
  revision: 11n,
  term: 3n,
  leader: 'a',
  master: 'a',
  epoch: 2n,
  runners: [runner('a', MASTER, PROMOTED), runner('b', STANDBY, STARTED)],
} satisfies ClusterInit;

const DEMOTES = {
  ...BEFORE,
  revision: 12n,
  target: 'b',
  runners: [runner('a', MASTER, DEMOTING), runner('b', STANDBY, STARTED)],
} satisfies ClusterInit;

const PROMOTES = {
  ...DEMOTES,
  revision: 13n,
  master: 'b',
  epoch: 3n,
  runners: [runner('a', STANDBY, STARTED), runner('b', MASTER, PROMOTING)],
} satisfies ClusterInit;

const DONE = {
  ...PROMOTES,
  target: '',
  runners: [runner('a', STANDBY, STARTED), runner('b', MASTER, PROMOTED)],
} satisfies ClusterInit;

const FAILOVERS = [{ epoch: 3n, from: 'a', to: 'b', gap: { nanos: 310_000_000 } }];

function seen(cluster: ClusterInit) {
  return { cluster, elector: 'a' };
}

test('promote --wait tells each step, and how long there was no master', async (t) => {
  const fake = await startFake(t, { cluster: seen(BEFORE) });
  fake.views.write(seen(BEFORE));
  const run = startKoiAdmin(['promote', 'b', '--wait', '--elector', fake.address]);
  await fake.views.players(1);
  fake.views.write(seen(DEMOTES));
  await run.until('a demotes web');
  fake.views.write(seen(PROMOTES));
  await run.until('b promotes web');
  fake.views.write(seen(DONE));
  await fake.happenings.players(1);
  // The record comes with the next commit: not yet, then.
  fake.happenings.write({ leader: 'a' });
  await run.until('waiting for the record');
  fake.answer({ failovers: FAILOVERS });
  fake.happenings.write({ leader: 'a', events: [{ number: 9n }] });
  t.deepEqual(await run.result, {
    exit: 0,
    out: 'b is to be master (revision 12)\nb is master (epoch 3)\nthere was no master for 310 ms\n',
    err: 'a demotes web\nb promotes web\nwaiting for the record of how long there was no master\n',
  });
});

test('on a terminal waiting is the default, and the line is redrawn in place', async (t) => {
  const fake = await startFake(t, { cluster: seen(BEFORE), failovers: FAILOVERS });
  fake.views.write(seen(DEMOTES));
  const run = startKoiAdmin(['promote', 'b', '--elector', fake.address], { watched: true });
  await run.until('a demotes web');
  fake.happenings.write({ leader: 'a' });
  fake.views.write(seen(DONE));
  const { exit, err } = await run.result;
  t.is(exit, 0);
  t.is(err, '\r\u001b[Ka demotes web\r\u001b[K');
});

test('--no-wait and JSON return after the commit', async (t) => {
  const fake = await startFake(t, { cluster: seen(BEFORE) });
  const watched = { watched: true };
  const short = await koiAdmin(['promote', 'b', '--no-wait', '--elector', fake.address], watched);
  t.deepEqual(short, { exit: 0, out: 'b is to be master (revision 12)\n', err: '' });
  const json = await koiAdmin(['promote', 'b', '-o', 'json', '--elector', fake.address], watched);
  t.deepEqual(JSON.parse(json.out), { revision: '12', held: false });
});

test('what holds already is said and is no error', async (t) => {
  const fake = await startFake(t, { cluster: seen(DONE), held: true });
  fake.views.write(seen(DONE));
  t.deepEqual(await koiAdmin(['promote', 'b', '--wait', '--elector', fake.address]), {
    exit: 0,
    out:
      'b is to be master: that held already, nothing was changed (revision 12)\n' +
      'b is master (epoch 3)\n',
    err: '',
  });
});

test('Ctrl-C ends it at once with 130 and says what goes on', async (t) => {
  const fake = await startFake(t, { cluster: seen(BEFORE) });
  fake.views.write(seen(DEMOTES));
  const run = startKoiAdmin(['promote', 'b', '--wait', '--elector', fake.address]);
  await run.until('a demotes web');
  run.interrupt();
  t.deepEqual(await run.result, {
    exit: 130,
    out: 'b is to be master (revision 12)\n',
    err:
      'a demotes web\n\nkoi-admin: interrupted: b is to be master (revision 12): ' +
      'that goes on without this command, `koi-admin watch` shows it\n',
  });
});

test('Ctrl-C before the answer says that the order may have taken effect', async (t) => {
  const fake = await startFake(t, { delay: 60_000 });
  const run = startKoiAdmin(['elect', '--elector', fake.address]);
  await fake.ordered(1);
  run.interrupt();
  const { exit, out, err } = await run.result;
  t.is(exit, 130);
  t.is(out, '');
  t.is(
    err,
    '\nkoi-admin: interrupted: a master is to be elected: that may still take effect, ' +
      '`koi-admin get-cluster` shows it\n',
  );
});

test.serial('--timeout bounds the waiting: exit 1, and what goes on', async (t) => {
  const fake = await startFake(t, { cluster: seen(BEFORE) });
  fake.views.write(seen(DEMOTES));
  const { exit, err } = await koiAdmin([
    'promote',
    'b',
    '--wait',
    '--timeout',
    '3s',
    '--elector',
    fake.address,
  ]);
  t.is(exit, 1);
  t.is(
    err,
    `a demotes web
koi-admin: error: b is to be master: that is not done after 3 s
koi-admin: hint: it goes on without this command: \`koi-admin watch\` shows it, --timeout waits longer
`,
  );
});

test('an order that comes to nothing fails with the reason', async (t) => {
  const fake = await startFake(t, { cluster: seen(BEFORE) });
  fake.views.write(
    seen({
      ...DEMOTES,
      target: '',
      runners: [runner('b', FAILED, ServiceState.FAILED, { rejected: 'status 93' })],
    }),
  );
  const { exit, err } = await koiAdmin(['promote', 'b', '--wait', '--elector', fake.address]);
  t.is(exit, 1);
  t.is(err, 'koi-admin: error: b has not become master: status 93\n');
});

test('when the asked elector dies another one goes on telling', async (t) => {
  const [first, second] = [await startFake(t, { cluster: seen(BEFORE) }), await startFake(t, {})];
  const config = writeElectors(t, first.address, second.address);
  first.views.write(
    seen({ ...DEMOTES, runners: [runner('a', MASTER, DEMOTING, { stopped: true })] }),
  );
  second.views.write(seen(BEFORE));
  const run = startKoiAdmin(['stop', 'a', '--wait', '--config', config]);
  await run.until('a demotes web');
  await first.die();
  await second.views.players(1);
  second.views.write(
    seen({
      ...DONE,
      runners: [
        runner('a', STOPPED, ServiceState.STOPPED, { stopped: true }),
        runner('b', MASTER, PROMOTED),
      ],
    }),
  );
  second.answer({ failovers: FAILOVERS });
  await second.happenings.players(1);
  second.happenings.write({ leader: 'b' });
  const { exit, out, err } = await run.result;
  t.is(exit, 0);
  t.is(
    out,
    'a is to be stopped (revision 12)\n' +
      'a is stopped, b is master\nthere was no master for 310 ms\n',
  );
  t.is(err, `a demotes web\n${first.address}: the connection broke, another one is asked\n`);
});

const ENDS: readonly (readonly [args: string, view: ClusterInit, out: string])[] = [
  [
    'demote',
    {
      ...BEFORE,
      revision: 12n,
      master: '',
      manual: true,
      runners: [runner('a', STANDBY, STARTED)],
    },
    'nobody is master',
  ],
  ['elect', { ...DONE, epoch: 2n }, 'b is master (epoch 2)'],
  [
    'maintenance on',
    {
      ...BEFORE,
      revision: 12n,
      maintenance: true,
      runners: [runner('a', MASTER, PROMOTED, { maintenance: true })],
    },
    'maintenance is on: 1 of 1 runners know it',
  ],
  ['start b', { ...BEFORE, revision: 12n }, 'b runs'],
  [
    'stop b',
    {
      ...BEFORE,
      revision: 12n,
      runners: [
        runner('a', MASTER, PROMOTED),
        runner('b', STOPPED, ServiceState.STOPPED, { stopped: true }),
      ],
    },
    'b is stopped, a is master',
  ],
  [
    'recover',
    { ...BEFORE, revision: 12n, runners: [runner('b', LIVE, STARTED)] },
    'services run on b',
  ],
];

for (const [args, view, end] of ENDS) {
  test(`${args} --wait ends with: ${end}`, async (t) => {
    const fake = await startFake(t, { cluster: seen(BEFORE) });
    fake.views.write(seen(view));
    const { exit, out, err } = await koiAdmin([
      ...args.split(' '),
      '--wait',
      '--elector',
      fake.address,
    ]);
    t.deepEqual([exit, out.split('\n')[1], err], [0, end, '']);
  });
}
