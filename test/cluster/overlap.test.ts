// The analyser is what all cluster tests rest on, so it is tried on logs written by hand: above all it
// must see an overlap where there is one, however short.
import test from 'ava';
import { describeOverlap, handoversIn, overlapsIn, promotionsIn, scriptsRunIn } from './overlap.ts';
import { killedLine, readPromotionLog } from './promotion-log.ts';

/** Lines as "milliseconds host service action edge number", as the scripts write them in nanoseconds. */
function log(...lines: readonly string[]) {
  const text = lines.map((line) => line.replace(/^(\d+)/, '$1000000'));
  return readPromotionLog(`${text.join('\n')}\n`);
}

const reignOfA = ['100 a store promote begin 1', '110 a store promote end 0'];
const demoteOfA = ['200 a store demote begin 1', '220 a store demote end 0'];

function spans(lines: ReturnType<typeof log>): readonly string[] {
  return promotionsIn(lines).map(({ host, service, from, until }) =>
    [host, service, from, until].join(' '),
  );
}

test('lines are read to the microsecond and put in order', (t) => {
  const lines = readPromotionLog(
    '1700000000000002500 a store promote end 0\n1700000000000001500 a store promote begin 7\n',
  );
  t.deepEqual(lines, [
    {
      kind: 'begin',
      at: 1700000000000.001,
      host: 'a',
      service: 'store',
      action: 'promote',
      epoch: 7,
    },
    { kind: 'end', at: 1700000000000.002, host: 'a', service: 'store', action: 'promote', code: 0 },
  ]);
  t.throws(() => readPromotionLog('1 what\n'), { message: /none/ });
});

test('a death is never told early', (t) => {
  t.deepEqual(readPromotionLog(killedLine('a', 12.3)), [{ kind: 'killed', at: 13, host: 'a' }]);
});

test('a promotion lasts from the first line of promote to the last of demote', (t) => {
  t.deepEqual(spans(log(...reignOfA, ...demoteOfA)), ['a store 100 220']);
  t.deepEqual(spans(log(...reignOfA)), ['a store 100 Infinity']);
});

test('a promotion ends with stop, or with the death of its host', (t) => {
  t.deepEqual(spans(log(...reignOfA, '150 a store stop begin 1', '190 a store stop end 0')), [
    'a store 100 190',
  ]);
  t.deepEqual(spans(log(...reignOfA, '150 b - killed', '170 a - killed')), ['a store 100 170']);
});

test('a demote that was killed half-way or failed ends nothing', (t) => {
  t.deepEqual(spans(log(...reignOfA, '200 a store demote begin 1')), ['a store 100 Infinity']);
  const failed = ['200 a store demote begin 1', '220 a store demote end 1'];
  t.deepEqual(spans(log(...reignOfA, ...failed)), ['a store 100 Infinity']);
});

test('a failed service is down when stop has ended, or failed where no stop follows', (t) => {
  const failed = ['200 a store failed begin 1', '210 a store failed end 0'];
  const stop = ['220 a store stop begin 1', '240 a store stop end 0'];
  t.deepEqual(spans(log(...reignOfA, ...failed, ...stop)), ['a store 100 240']);
  t.deepEqual(spans(log(...reignOfA, ...failed)), ['a store 100 210']);
  t.deepEqual(spans(log(...reignOfA, ...failed, '300 a store promote begin 2')), [
    'a store 100 210',
    'a store 300 Infinity',
  ]);
});

test('a later stop does not lengthen a promotion that demote has ended', (t) => {
  const stop = ['500 a store stop begin 1', '510 a store stop end 0'];
  t.deepEqual(spans(log(...reignOfA, ...demoteOfA, ...stop)), ['a store 100 220']);
});

test('an overlap is seen: of a millisecond, of another service, and one that goes on', (t) => {
  const seen = overlapsIn(log(...reignOfA, ...demoteOfA, '219 b web promote begin 2'));
  t.deepEqual(
    seen.map(({ first, second, lasts }) => [first.host, second.host, lasts]),
    [['a', 'b', 1]],
  );
  const first = seen[0];
  t.truthy(first);
  if (first !== undefined) {
    t.is(
      describeOverlap(first),
      'store on a (epoch 1) and web on b (epoch 2) were both promoted for 1.0 ms',
    );
  }
  const endless = overlapsIn(log(...reignOfA, '900 b store promote begin 2'));
  t.deepEqual(
    endless.map(({ lasts }) => lasts),
    [Number.POSITIVE_INFINITY],
  );
});

test('an overlap is seen where the shorter promotion lies within the longer one', (t) => {
  const inner = [
    '120 b store promote begin 2',
    '130 b store demote begin 2',
    '140 b store demote end 0',
  ];
  t.deepEqual(
    overlapsIn(log(...reignOfA, ...inner, ...demoteOfA)).map(({ lasts }) => lasts),
    [20],
  );
});

test('one host after another, and two services of one host, are no overlap', (t) => {
  const lines = log(
    ...reignOfA,
    '120 a web promote begin 1',
    '150 a web demote end 0',
    ...demoteOfA,
    '220 b store promote begin 2',
  );
  t.deepEqual(overlapsIn(lines), []);
});

test('handovers tell the gap, over all services of a host', (t) => {
  const lines = log(
    ...reignOfA,
    '120 a web promote begin 1',
    '150 a web demote end 0',
    ...demoteOfA,
    '260 b store promote begin 2',
    '300 b - killed',
    '900 b store promote begin 3',
  );
  t.deepEqual(handoversIn(lines), [
    { from: 'a', to: 'b', epoch: 2, gap: 40, at: 260 },
    { from: 'b', to: 'b', epoch: 3, gap: 600, at: 900 },
  ]);
});

test('scripts run since a moment are told, status left out', (t) => {
  const lines = log(
    ...reignOfA,
    '150 a store status begin 1',
    '160 b store stop begin 1',
    ...demoteOfA,
  );
  t.deepEqual(scriptsRunIn(lines, 'a', 101), ['store demote']);
});
