// Stories of elections between real cores: who leads, how soon, and never two.
import test from 'ava';
import { goOn, LED_AT, lead, reportOf, TIMES } from './driver.fixture.ts';
import { Network } from './network.fixture.ts';

for (const count of [1, 2, 3, 5]) {
  test(`first election: the highest of ${count} leads, and nobody else`, (t) => {
    const network = new Network(count);
    network.run(1_500);
    t.deepEqual(network.leaders(), ['a']);
    network.run(10_000);
    t.deepEqual(network.leaders(), ['a']);
    t.is(network.core('a').cluster(network.now).term, 1, 'one term was enough');
    t.deepEqual(network.doubleLeaders, []);
  });
}

test('the leader dies: the next in rank leads after its binding', (t) => {
  const network = new Network(3);
  network.run(3_000);
  network.kill('a');
  network.run(1_000);
  t.deepEqual(network.leaders(), ['b']);
  t.deepEqual(network.doubleLeaders, []);
});

test('the leader restarts: it leads again long before a binding would end', (t) => {
  const network = new Network(3);
  network.run(3_000);
  network.restart('a');
  network.run(250);
  t.deepEqual(network.leaders(), ['a']);
});

test('the leader is cut off: it steps down before another leads', (t) => {
  const network = new Network(5);
  network.run(3_000);
  network.isolate('a');
  network.run(2_000);
  t.deepEqual(network.leaders(), ['b']);
  network.heal();
  network.run(3_000);
  t.deepEqual(network.leaders(), ['b'], 'a returning higher elector does not unseat a leader');
  t.deepEqual(network.doubleLeaders, []);
});

test('a minority leads nobody', (t) => {
  const network = new Network(3);
  network.kill('b');
  network.kill('c');
  network.run(10_000);
  t.deepEqual(network.leaders(), []);
});

test('the leader sleeps for 5 s: it wakes as a follower', (t) => {
  const network = new Network(3);
  network.run(3_000);
  network.pause('a');
  network.run(5_000);
  t.deepEqual(network.leaders(), ['b']);
  network.wake('a');
  network.run(2_000);
  t.deepEqual(network.leaders(), ['b']);
  t.deepEqual(network.doubleLeaders, []);
});

test('all restart: somebody leads again, in a higher term', (t) => {
  const network = new Network(3);
  network.run(3_000);
  const before = network.core('a').cluster(network.now).term;
  for (const name of ['a', 'b', 'c']) network.restart(name);
  network.run(2_000);
  t.is(network.leaders().length, 1);
  t.true(network.core(network.leaders()[0] ?? '').cluster(network.now).term > before);
});

test('a clean stop hands over within a heartbeat or two', (t) => {
  const network = new Network(3);
  network.run(3_000);
  network.driver('a').step({ kind: 'stop' }, network.now);
  for (const name of ['b', 'c']) {
    const message = { term: 1, hasCharter: true, body: { kind: 'resign', term: 1 } } as const;
    network.driver(name).step({ kind: 'message', from: 'a', message }, network.now);
  }
  network.run(250);
  t.deepEqual(network.leaders(), ['b']);
});

test('that somebody falls silent changes the view, though nothing has arrived', (t) => {
  const driver = lead();
  driver.attach('r', LED_AT + 1);
  driver.report('r', reportOf(1), LED_AT + 2);
  const until = LED_AT + 2 + 3 * TIMES.heartbeat;
  goOn(driver, LED_AT + 50, until - 2);
  const silent = driver.until(until);
  t.true(silent.some((effect) => effect.kind === 'changed'));
  t.is(driver.core.cluster(until).runners[0]?.state, 'disconnected');
});
