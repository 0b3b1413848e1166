// The figures themselves: what is computed from what was seen, and that a seed always gives the same.
import { PRESETS } from '@koi/lib/timing';
import test from 'ava';
import { CASES, measureOnce } from './figures-case.ts';
import { LeaseWatch } from './figures-lease.ts';
import { timeToMaster } from './figures-storm.ts';
import { describeFigures, figureOf, quantile } from './figures-table.ts';
import { covered, Witness } from './figures-witness.ts';

const ROW = { name: 'master-dies', what: 'from here to there', worst: 'most' } as const;

test('a quantile is a value that so many do not exceed', (t) => {
  const values = Array.from({ length: 200 }, (_, index) => index + 1);
  t.is(quantile(values, 0.5), 100);
  t.is(quantile(values, 0.99), 198);
  t.is(quantile(values, 1), 200);
  t.is(quantile([7], 0.5), 7);
});

test('the worst is the most or the least, and stands beside what the model gave', (t) => {
  const figure = figureOf(ROW, 'default', [2_446, 1_331, 2_000], 0);
  t.deepEqual(figure.measured, { p50: 2_000, p99: 2_446, worst: 2_446 });
  t.is(Math.round(figure.difference.worst ?? 0), -8);
  t.is(figure.difference.p99, undefined, 'the model gave none');
  const lease = figureOf({ ...ROW, name: 'lease-left', worst: 'least' }, 'default', [618, 700], 0);
  t.deepEqual(lease.measured, { p50: 700, p99: 618, worst: 618 });
  t.is(Math.round(lease.difference.worst ?? 0), 100);
  t.deepEqual(figureOf(ROW, 'fast', [], 0).measured, {});
});

test('the table says what is measured, and where nothing came of it', (t) => {
  const good = figureOf(ROW, 'default', [2_446], 0);
  const bad = figureOf({ ...ROW, name: 'other' }, 'fast', [], 2);
  t.deepEqual(describeFigures([good, bad]).split('\n'), [
    'figure       times    runs   p50   p99  worst            model       difference',
    'master-dies  default     1  2446  2446   2446  2446 / - / 2662  +0 % / - / -8 %',
    '    from here to there',
    'other        fast        0     -     -      -        - / - / -        - / - / -',
    '    from here to there; NOTHING CAME OF IT 2 times',
  ]);
});

test('overlapping scripts count once', (t) => {
  const runs = [
    [0, 10],
    [5, 8],
    [9, 14],
    [20, 30],
  ] as const;
  t.is(covered(runs, 0, 100), 24);
  t.is(covered(runs, 4, 25), 15);
  t.is(covered([], 0, 10), 0);
});

test('the witness tells leaderships, promotions and disturbances by their moments', (t) => {
  const world = { now: 1 };
  const witness = new Witness(world);
  const step = (now: number, leading: boolean) => {
    world.now = now;
    witness.electorStepped({ name: 'e-a', leading });
  };
  step(1, true);
  step(2, true);
  step(3, false);
  step(4, true);
  t.is(witness.nextLead(2), 4);
  world.now = 5;
  witness.electorStarted({ name: 'e-a' });
  step(6, true);
  t.is(witness.nextLead(5), 6, 'a process that starts again leads anew');
  t.is(witness.nextLead(7), undefined);

  const runner = { name: 'r-a' };
  world.now = 10;
  witness.scriptBegins(runner, 's1', 'status', 0);
  t.false(witness.disturbed('r-a', 0));
  world.now = 12;
  witness.scriptEnded(runner, 's1', 'status', true);
  witness.scriptBegins(runner, 's1', 'promote', 1);
  t.is(witness.nextPromotion(11), 12);
  t.is(witness.nextPromotion(13), undefined);
  t.true(witness.disturbed('r-a', 11));
  t.is(witness.busy('r-a', 0, 15), 5, 'what still runs counts to the end of the span');
});

test('a lease is judged by what was left when its renewal came', (t) => {
  const clock = { at: 0, now: () => clock.at };
  const core: { leaseLeft: number | undefined } = { leaseLeft: undefined };
  const watch = new LeaseWatch({ core, host: { clock } });
  const look = (at: number, left: number | undefined) => {
    clock.at = at;
    core.leaseLeft = left;
    watch.look();
  };
  look(0, undefined);
  look(100, 1_600);
  look(300, 1_600);
  look(500, 1_200);
  t.is(watch.renewals, 0, 'an old value that still shows is no news');
  look(900, 1_600);
  t.is(watch.renewals, 1);
  t.is(watch.least, 800);
});

test('after a storm the promotion that lasts counts, and nothing before the first master', (t) => {
  const promote = (epoch: number, begin: number, service = 's1') => {
    const ended = { end: begin + 1, succeeded: true };
    return { runner: 'r-a', service, action: 'promote', epoch, begin, ...ended } as const;
  };
  t.is(timeToMaster([promote(1, 10)], 100), 0, 'it stood');
  t.is(timeToMaster([promote(1, 10), promote(2, 150), promote(3, 170)], 100), 70);
  t.is(timeToMaster([promote(1, 10), promote(2, 150), promote(2, 160, 's2')], 100), 50);
  t.is(timeToMaster([promote(1, 110)], 100), undefined);
  t.is(timeToMaster([], 100), undefined);
});

for (const one of CASES) {
  test(`${one.rows[0]?.name}: the same seed gives the same figure`, (t) => {
    for (const preset of ['default', 'fast'] as const) {
      const options = { seed: 7, preset, traced: true };
      const [first, second] = [measureOnce(one, options), measureOnce(one, options)];
      t.deepEqual(first, second);
      t.is(first.values.length, one.rows.length);
      const { masterLease, demoteGrace } = PRESETS[preset];
      for (const value of first.values) {
        t.true(value !== undefined && value > 0 && value < 1.5 * (masterLease + demoteGrace));
      }
    }
  });
}
