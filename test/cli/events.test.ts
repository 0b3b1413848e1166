// The timeline: each event a line, each failover a group; followed through the death of an elector
// and changes of the leader.
import { EventKind } from '@koi/gen/koi/cluster/v1/event_pb';
import test from 'ava';
import { startFake } from './fake-elector.ts';
import { koiAdmin, startKoiAdmin, writeElectors } from './koi-admin.ts';

const BASE = 1_700_000_000n;

function event(
  number: bigint,
  ms: number,
  rule: string,
  text: string,
  kind: EventKind = EventKind.DECISION,
) {
  const eventTime = { seconds: BASE + BigInt(Math.floor(ms / 1_000)), nanos: (ms % 1_000) * 1e6 };
  return { number, eventTime, term: 3n, epoch: 1n, subject: 'a', rule, text, kind };
}

function at(ms: number) {
  return { seconds: BASE + BigInt(Math.floor(ms / 1_000)), nanos: (ms % 1_000) * 1e6 };
}

const EVENTS = [
  event(7n, 0, 'longest-uptime', 'a becomes master: it has run longest.'),
  event(8n, 60_005, 'not-heard', 'a was not heard for 600 ms.', EventKind.CHANGE),
  {
    ...event(9n, 62_690, 'counted-out', 'b becomes master: a is counted out.'),
    rejected: [{ runner: 'c', rule: 'not-standby', reason: 'status 93' }],
  },
  event(10n, 62_725, 'promoted', 'everything of b is promoted.', EventKind.CHANGE),
  event(11n, 70_000, 'maintenance', 'maintenance is on.'),
];

const FAILOVER = {
  epoch: 2n,
  fromEpoch: 1n,
  from: 'a',
  to: 'b',
  detectedTime: at(60_005),
  demotedTime: at(62_685),
  decidedTime: at(62_690),
  promotedTime: at(62_725),
  gap: { seconds: 2n, nanos: 720_000_000 },
  margin: 'down 0.31 s after the lease ended, 0.69 s before anybody else could be promoted',
  events: [8n, 9n, 10n],
};

const GROUP = `failover from a to b (epoch 2): no master for 2.7 s
├─ detected  22:14:20.005          a is in trouble
├─ demoted   22:14:22.685  +2.7 s  nothing of a is promoted any more
├─ decided   22:14:22.690  +5 ms   b is chosen
├─ promoted  22:14:22.725  +35 ms  everything of b is promoted
└─ margin                          down 0.31 s after the lease ended, 0.69 s before anybody else could be promoted
`;

test('events are one line each, and each failover is summed up after its last one', async (t) => {
  const { address, looks } = await startFake(t, { events: EVENTS, failovers: [FAILOVER] });
  const { exit, out } = await koiAdmin(['events', '--elector', address]);
  t.is(exit, 0);
  t.is(
    out,
    `  7  2023-11-14 22:13:20.000 UTC  longest-uptime     a becomes master: it has run longest.
  8  2023-11-14 22:14:20.005 UTC  not-heard          a was not heard for 600 ms.
  9  2023-11-14 22:14:22.690 UTC  counted-out        b becomes master: a is counted out.
 10  2023-11-14 22:14:22.725 UTC  promoted           everything of b is promoted.
${GROUP.replace(/^/gm, '  ').trimEnd()}
 11  2023-11-14 22:14:30.000 UTC  maintenance        maintenance is on.
`,
  );
  const later = await koiAdmin(['events', '--after', '10', '--elector', address, '-o', 'wide']);
  t.is(
    later.out,
    ' 11  2023-11-14 22:14:30.000 UTC  term 3  epoch 1  decision  a  maintenance        maintenance is on.\n',
  );
  const since = { wall: 1_700_000_090_000 };
  await koiAdmin(['events', '--since', '1m', '--elector', address], since);
  t.deepEqual(looks.slice(1), ['events after 10 since ever', 'events after 0 since 1700000030']);
  const none = await koiAdmin(['events', '--after', '12', '--elector', address]);
  t.is(none.out, 'nothing is remembered of that time\n');
});

test('--failovers shows the groups alone', async (t) => {
  const { address } = await startFake(t, { events: EVENTS, failovers: [FAILOVER] });
  const { out } = await koiAdmin(['events', '--failovers', '--elector', address]);
  t.is(out, GROUP);
  const json = await koiAdmin(['events', '--failovers', '--elector', address, '-o', 'json']);
  t.like(JSON.parse(json.out), { epoch: '2', from: 'a', gap: '2.720s', events: ['8', '9', '10'] });
});

test('-o json is one event a line', async (t) => {
  const { address } = await startFake(t, { events: EVENTS, failovers: [FAILOVER] });
  const { out } = await koiAdmin(['events', '-o', 'json', '--elector', address]);
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.deepEqual(
    lines.map(({ number }) => number),
    ['7', '8', '9', '10', '11'],
  );
  t.like(lines[1], { kind: 'EVENT_KIND_CHANGE', rule: 'not-heard', epoch: '1' });
});

test('a switchover and a failover that is not over are told as what they are', async (t) => {
  const { gap: _gap, promotedTime: _promoted, margin: _margin, ...begun } = FAILOVER;
  const failovers = [
    { ...FAILOVER, planned: true, margin: '' },
    { ...begun, epoch: 3n },
  ];
  const { address } = await startFake(t, { failovers });
  const { out } = await koiAdmin(['events', '--failovers', '--elector', address]);
  const heads = out.split('\n').filter((line) => /^\w/.test(line));
  t.deepEqual(heads, [
    'switchover from a to b (epoch 2): no master for 2.7 s',
    'failover from a to b (epoch 3): not over yet',
  ]);
  t.regex(out, /asked {5}22:14:20.005 {10}an administrator wants it\n/);
});

test('--follow goes on by number when the asked elector dies and the leader changes', async (t) => {
  const first = await startFake(t, { events: EVENTS.slice(0, 1) });
  const second = await startFake(t, { failovers: [FAILOVER] });
  const config = writeElectors(t, first.address, second.address);
  first.happenings.write({ leader: 'a' });
  second.happenings.write({ leader: 'b', events: EVENTS.slice(0, 3) });
  const run = startKoiAdmin(['events', '--follow', '--config', config]);
  await first.happenings.players(1);
  first.happenings.write({ leader: 'a', events: EVENTS.slice(1, 2) });
  await run.until('a was not heard');
  first.happenings.write({ leader: '' });
  await run.until('a leads no more');
  await first.die();
  await run.until('a is counted out');
  t.deepEqual(second.looks.slice(0, 1), ['watch events after 8']);
  second.happenings.write({ leader: 'b', events: EVENTS.slice(3) });
  await run.until('maintenance is on');
  run.interrupt();
  const { exit, out, err } = await run.result;
  t.is(exit, 0);
  t.deepEqual(
    out.match(/^ +\d+ /gm)?.map((number) => Number(number)),
    [7, 8, 9, 10, 11],
  );
  t.is(out.split('failover from a to b').length, 2, 'it is summed up once');
  t.is(
    err,
    `koi-admin: a leads no more
koi-admin: ${first.address}: the connection broke, another elector is asked
koi-admin: ${second.address} answers now, nothing was missed
koi-admin: b leads now
`,
  );
});

test('--follow -o json is one event a line and nothing else', async (t) => {
  const fake = await startFake(t, { events: EVENTS.slice(0, 1), failovers: [FAILOVER] });
  fake.happenings.write({ leader: 'a' });
  const run = startKoiAdmin(['events', '--follow', '-o', 'json', '--elector', fake.address]);
  await fake.happenings.players(1);
  fake.happenings.write({ leader: 'a', events: EVENTS.slice(1) });
  await run.until('maintenance is on');
  run.interrupt();
  const { out } = await run.result;
  t.deepEqual(
    out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).number),
    ['7', '8', '9', '10', '11'],
  );
});
