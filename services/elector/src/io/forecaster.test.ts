// Forecasts beside other work: the loop has its turns, and who asks meanwhile gets the same ones.
import test from 'ava';
import { charterOf, optionsFor, reportOf } from '../core/driver.fixture.ts';
import type { Present } from '../core/present.ts';
import { createForecaster, FORECASTS_MAX } from './forecaster.ts';

function present(): Present {
  const runner = (name: string, part = {}) => ({
    name,
    session: `${name}-1`,
    digest: 'times',
    report: reportOf(1, part),
  });
  return {
    options: optionsFor('a'),
    term: 7,
    charter: charterOf(7, {
      master: 'b',
      masterSession: 'b-1',
      epoch: 3,
      runners: ['a', 'b', 'c'],
    }),
    electors: ['a', 'b', 'c'],
    runners: [
      runner('a'),
      runner('b', { state: 'master', promoted: true, epoch: 3 }),
      runner('c', { priority: 1 }),
    ],
  };
}

test('each single failure has a forecast, and the loop has turns between', async (t) => {
  let turns = 0;
  const count = () => {
    turns += 1;
    turning = setImmediate(count);
  };
  let turning = setImmediate(count);
  const forecasts = await createForecaster(present, performance).forecasts();
  clearImmediate(turning);
  t.deepEqual(
    forecasts.map(({ text }) => text.split(':')[0]),
    ['host a dies', 'host b dies', 'host c dies', 'a service of b fails'],
  );
  t.true(turns > 2, `${turns}`);
});

test('who asks while they are made gets the same ones; who asks later, new ones', async (t) => {
  const forecaster = createForecaster(present, performance);
  const [one, other] = await Promise.all([forecaster.forecasts(), forecaster.forecasts()]);
  t.is(one, other);
  t.not(await forecaster.forecasts(), one);
});

test('an elector that does not lead forecasts nothing', async (t) => {
  t.deepEqual(await createForecaster(() => undefined, performance).forecasts(), []);
});

test('what takes too long is not told', async (t) => {
  let now = 0;
  const clock = {
    now: () => {
      now += FORECASTS_MAX / 3;
      return now;
    },
  };
  t.true((await createForecaster(present, clock).forecasts()).length < 4);
});
