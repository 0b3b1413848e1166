// What an elector shows of what its runners remember.
import test from 'ava';
import { LED_AT, lead, reportOf } from './driver.fixture.ts';

test('the failures of all runners stand in one list, the oldest first', (t) => {
  const driver = lead();
  const failure = (at: number, service: string) => ({
    at,
    service,
    action: 'status',
    text: 'status exited with code 1',
  });
  driver.attach('r', LED_AT + 1);
  driver.attach('s', LED_AT + 1);
  driver.report(
    'r',
    reportOf(1, { failures: [failure(10, 'web'), failure(30, 'db')] }),
    LED_AT + 5,
  );
  driver.report('s', reportOf(1, { failures: [failure(20, 'web')] }), LED_AT + 5);
  t.deepEqual(
    driver.core
      .cluster(LED_AT + 10)
      .failures.map(({ runner, service, at }) => [runner, service, at]),
    [
      ['r', 'web', 10],
      ['s', 'web', 20],
      ['r', 'db', 30],
    ],
  );
});
