// koi-admin against an elector that only talks: exact output, standard error and exit codes.
import { koiError } from '@koi/lib/grpc/errors';
import test from 'ava';
import { startFake } from './fake-elector.ts';
import { koiAdmin } from './koi-admin.ts';
import { SHOP } from './shop.ts';

const TREE = `cluster shop, revision 41, as a sees it
leader: b (term 3)
master: a (epoch 2)
automatic failover: BLOCKED: no other runner is electable
electors
├─ b  leader     127.0.0.1:42012  priority 3
├─ a  follower   127.0.0.1:42011  priority 2  no charter
└─ c  not heard  127.0.0.1:42013  priority 1
   its list has 2 electors
runners
├─ a  master                             up 3.0 h   heard 100 ms ago  epoch 2
│  ├─ 01  database  promoted   status runs
│  └─     web       promoting
├─ b  failed        passive  priority 7  up 95.0 s  heard 50 ms ago
│  failed 12.0 s ago
│  cannot become master: it is passive
│  └─ web  failed  not promotable  start exited with 1
└─ c  disconnected                                  never heard
   stopped by an administrator
   cannot become master: it has not reported
`;

const WIDE = `cluster shop, revision 41, as a sees it
leader: b (term 3)
master: a (epoch 2)
automatic failover: BLOCKED: no other runner is electable
electors
├─ b  leader     127.0.0.1:42012  priority 3  charter
├─ a  follower   127.0.0.1:42011  priority 2  no charter
└─ c  not heard  127.0.0.1:42013  priority 1
   its list has 2 electors
runners
├─ a  master        active   priority 0  up 3.0 h   heard 100 ms ago  epoch 2  released 1
│  ├─ 01  database  promoted   promotable  status runs (process 4711)
│  └─     web       promoting  promotable
├─ b  failed        passive  priority 7  up 95.0 s  heard 50 ms ago
│  failed 12.0 s ago
│  cannot become master: it is passive
│  └─ web  failed  not promotable  start exited with 1
└─ c  disconnected           priority 0             never heard
   stopped by an administrator
   cannot become master: it has not reported
`;

test('get-cluster draws the cluster, and status and tree are the same', async (t) => {
  const { address } = await startFake(t, { cluster: SHOP });
  for (const command of ['get-cluster', 'status', 'tree']) {
    const result = await koiAdmin(['--elector', address, command]);
    t.deepEqual(result, { exit: 0, out: TREE, err: '' });
  }
  const wide = await koiAdmin(['--elector', address, 'get-cluster', '-o', 'wide']);
  t.deepEqual(wide, { exit: 0, out: WIDE, err: '' });
});

test('no line of it is wider than 80 columns', (t) => {
  for (const line of TREE.split('\n')) t.true(line.length <= 80, line);
});

test('get-cluster says what the cluster waits for and who stopped it', async (t) => {
  const cluster = {
    ...SHOP.cluster,
    master: '',
    target: 'b',
    maintenance: true,
    manual: true,
    waiting: 'a may still be promoted',
    waitingFor: { seconds: 2n },
    runners: [],
  };
  const { address } = await startFake(t, { cluster: { ...SHOP, cluster } });
  const { out } = await koiAdmin(['--elector', address, 'get-cluster']);
  t.deepEqual(out.split('\n').slice(1, 8), [
    'leader: b (term 3)',
    'master: nobody (epoch 2)',
    'maintenance: on, no script runs and nobody is elected or demoted',
    'manual: an administrator demoted the master, `elect` ends that',
    'target: b is to become master',
    'waiting: a may still be promoted (2.0 s at most)',
    'automatic failover: BLOCKED: no other runner is electable',
  ]);
  t.true(out.endsWith('runners\n└─ none has reported yet\n'));
});

test('get-cluster shows whose loop stood still, and how close a lost lease was', async (t) => {
  const absence = { longestAway: { seconds: 3n, nanos: 200_000_000 }, sinceAway: { seconds: 12n } };
  const lease = (seconds: bigint, text: string) => ({
    ...{ failureTime: { seconds }, runner: 'a', service: '', action: 'lease', text },
  });
  const { electors, runners } = SHOP.cluster;
  const text =
    'epoch 2: down 310 ms after the lease ended, 690 ms before anybody else could be promoted';
  const failures = [
    lease(1_700_000_000n, 'an earlier one'),
    lease(1_700_086_400n, text),
    { ...lease(1_700_086_500n, 'it exited with 1'), service: 'web', action: 'start' },
  ];
  const cluster = {
    ...SHOP.cluster,
    electors: electors.map((elector) => ({ ...elector, ...(elector.name === 'a' && absence) })),
    runners: runners.map((runner) =>
      runner.name === 'a' ? { ...runner, ...absence, failures } : runner,
    ),
  };
  const { address } = await startFake(t, { cluster: { ...SHOP, cluster } });
  const { out } = await koiAdmin(['--elector', address, 'get-cluster']);
  const lines = out.split('\n');
  t.true(
    lines.some((line) => line.endsWith('priority 2  no charter  away 3.2 s, 12.0 s ago')),
    out,
  );
  t.true(lines.includes('│  away 3.2 s, 12.0 s ago'), out);
  t.true(lines.includes(`│  lost its lease at 2023-11-15 22:13:20 UTC: ${text}`), out);
  t.is(lines.filter((line) => line.includes('lost its lease')).length, 1);
});

test('-o json prints the response as proto3 JSON, wherever the option stands', async (t) => {
  const { address } = await startFake(t, { cluster: SHOP });
  for (const args of [
    ['get-cluster', '-o', 'json', '--elector', address],
    ['--output=json', '--elector', address, 'get-cluster'],
  ]) {
    const { exit, out } = await koiAdmin(args);
    t.is(exit, 0);
    const { cluster, elector } = JSON.parse(out);
    t.is(elector, 'a');
    t.like(cluster, { revision: '41', leader: 'b', master: 'a', maintenance: false });
    t.is(cluster.runners[0].state, 'RUNNER_STATE_MASTER');
    t.is(cluster.runners[0].uptime, '10800s');
  }
});

test('get-cluster without a leader tells what is known and exits 3', async (t) => {
  const cluster = { ...SHOP.cluster, leader: '' };
  const { address } = await startFake(t, { cluster: { ...SHOP, cluster } });
  const { exit, out, err } = await koiAdmin(['--elector', address, 'get-cluster']);
  t.is(exit, 3);
  t.is(
    out,
    TREE.replace('leader: b (term 3)', 'leader: nobody').replace(
      'no other runner is electable',
      'nobody leads',
    ),
  );
  t.is(
    err,
    `koi-admin: error: nobody leads
koi-admin: hint: a majority of the electors must run and reach each other; an election takes a second
`,
  );
});

const ORDERS: readonly (readonly [args: string, order: string, out: string])[] = [
  ['promote b', 'promote b', 'b is to be master (revision 12)'],
  [
    'demote',
    'demote',
    'nobody is to be master until `koi-admin elect` or `koi-admin promote` (revision 12)',
  ],
  ['elect', 'elect', 'a master is to be elected (revision 12)'],
  ['maintenance on', 'maintenance true', 'maintenance is to be on (revision 12)'],
  ['maintenance off', 'maintenance false', 'maintenance is to be off (revision 12)'],
  ['start b', 'start b', 'b is to run (revision 12)'],
  ['stop b', 'stop b', 'b is to be stopped (revision 12)'],
  ['recover b', 'recover b', 'b is to forget its failures (revision 12)'],
  ['recover', 'recover ', 'every runner is to forget its failures (revision 12)'],
  ['confirm-down b --yes', 'confirm-down b', 'b is taken to be down (revision 12)'],
];

for (const [args, order, out] of ORDERS) {
  test(`${args}: is ordered once and answered with the revision`, async (t) => {
    const { address, orders } = await startFake(t, {});
    const result = await koiAdmin(['--elector', address, ...args.split(' ')]);
    t.deepEqual(result, { exit: 0, out: `${out}\n`, err: '' });
    t.deepEqual(orders, [order]);
    const json = await koiAdmin(['--elector', address, '-o', 'json', ...args.split(' ')]);
    t.like(JSON.parse(json.out), { revision: '12' });
  });
}

const REFUSALS = [
  [
    koiError('RUNNER_NOT_ELECTABLE', 'Runner b cannot become master: it is passive.'),
    1,
    'koi-admin: error: runner b cannot become master: it is passive\n' +
      'koi-admin: hint: `koi-admin why` says how things stand with each runner\n',
  ],
  [
    koiError('RUNNER_UNKNOWN', 'No runner is called b: known are a and c.'),
    1,
    'koi-admin: error: no runner is called b: known are a and c\n' +
      'koi-admin: hint: `koi-admin get-cluster` lists the runners that are known\n',
  ],
  [
    koiError('MAINTENANCE', 'The cluster is in maintenance.'),
    1,
    'koi-admin: error: the cluster is in maintenance\n' +
      'koi-admin: hint: `koi-admin maintenance off` ends it\n',
  ],
  [
    koiError('OUTCOME_UNKNOWN', 'The leader lost its office.'),
    1,
    'koi-admin: error: the leader lost its office\n' +
      'koi-admin: hint: look with `koi-admin get-cluster` whether it took effect before you repeat it\n',
  ],
  [
    koiError('NO_LEADER', 'Nobody leads: b hears 1 of 3 electors.'),
    3,
    'koi-admin: error: nobody leads: b hears 1 of 3 electors\n' +
      'koi-admin: hint: a majority of the electors must run and reach each other: ' +
      '`koi-admin get-cluster` shows which ones do\n',
  ],
  [
    koiError('NO_QUORUM', 'B hears 1 of 3 electors.'),
    3,
    'koi-admin: error: b hears 1 of 3 electors\n' +
      'koi-admin: hint: a majority of the electors must run and reach each other: ' +
      '`koi-admin get-cluster` shows which ones do\n',
  ],
] as const;

for (const [refusal, exit, err] of REFUSALS) {
  test(`refused with ${refusal.reason}: exit ${exit}, the reason and what to do`, async (t) => {
    const { address } = await startFake(t, { refusal });
    const result = await koiAdmin(['promote', 'b', '--elector', address]);
    t.deepEqual(result, { exit, out: '', err });
  });
}

test('confirm-down asks back on a terminal and wants --yes elsewhere', async (t) => {
  const { address, orders } = await startFake(t, {});
  const args = ['--elector', address, 'confirm-down', 'b'];
  const alone = await koiAdmin(args);
  t.is(alone.exit, 2);
  t.is(
    alone.err,
    `koi-admin: error: confirm-down needs --yes where nobody can be asked back
koi-admin: hint: make certain that b is powered off or fenced: a wrong word makes two masters
`,
  );
  const wrong = await koiAdmin(args, { typed: 'yes' });
  t.is(wrong.exit, 1);
  t.regex(wrong.err, /koi-admin: error: not confirmed, nothing was changed\n$/);
  t.deepEqual(orders, []);
  t.is((await koiAdmin(args, { typed: 'b\n' })).exit, 0);
  t.deepEqual(orders, ['confirm-down b']);
});
