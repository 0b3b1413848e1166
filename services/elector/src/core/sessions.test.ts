// M7 on the leader's side: sessions, sequences and releases. "!" marks what a model broke when it was left out.
import test from 'ava';
import { goOn, LED_AT, reportOf } from './driver.fixture.ts';
import { attachAll, HOLDING, led } from './office.fixture.ts';

test('M7: reports of another session and older numbers are dropped', (t) => {
  const driver = led();
  attachAll(driver);
  driver.report('r', reportOf(10, HOLDING), LED_AT + 50);
  driver.report('r', reportOf(9, HOLDING), LED_AT + 60);
  t.is(driver.assigned('r'), undefined);
  driver.report('r', reportOf(11, HOLDING), LED_AT + 70, 'another');
  t.is(driver.assigned('r'), undefined);
});

test('M7: a second session is refused while the earlier one is open and heard', (t) => {
  const driver = led();
  attachAll(driver);
  driver.report('r', reportOf(10, HOLDING), LED_AT + 50);
  driver.attach('r', LED_AT + 60, 'another');
  t.true(
    driver.effects.some(
      (effect) => effect.kind === 'refuse-runner' && effect.session === 'another',
    ),
  );
  goOn(driver, LED_AT + 100, LED_AT + 800);
  driver.attach('r', LED_AT + 810, 'another');
  t.false(
    driver.effects.some((effect) => effect.kind === 'refuse-runner'),
    'the first is silent',
  );
});

test('M7!: an epoch is leased only to its session, or to one that reports holding it', (t) => {
  const stranger = led();
  stranger.attach('r', LED_AT + 1, 'new');
  stranger.report('r', reportOf(1, { released: 3 }), LED_AT + 50, 'new');
  t.is(stranger.assigned('r')?.lease, undefined);
  t.is(stranger.assigned('r')?.target, 'standby');

  const adopter = led();
  adopter.attach('r', LED_AT + 1, 'new');
  adopter.report('r', reportOf(1, HOLDING), LED_AT + 50, 'new');
  t.is(adopter.assigned('r')?.lease?.epoch, 4);
});

test('M7: a runner that lost its record is counted out and promoted under a new epoch', (t) => {
  const driver = led();
  driver.attach('r', LED_AT + 1, 'new');
  goOn(driver, LED_AT + 50, LED_AT + 4_000, (now) => {
    driver.report('r', reportOf(now, { released: 3 }), now, 'new');
  });
  t.is(driver.core.cluster(LED_AT + 4_000).epoch, 5);
  t.is(driver.core.cluster(LED_AT + 4_000).master, 'r');
});

test('M7: release is the epoch for a holder that is to go, the one before for everyone else', (t) => {
  const driver = led();
  attachAll(driver);
  driver.report('r', reportOf(10, HOLDING), LED_AT + 50);
  t.is(driver.assigned('r')?.release, 3);
  driver.report('s', reportOf(10), LED_AT + 50);
  t.is(driver.assigned('s')?.release, 3);
  driver.report('r', reportOf(11, { ...HOLDING, state: 'failed' }), LED_AT + 60);
  t.is(driver.assigned('r')?.release, 4);
});

test('P1: a runner with other protocol times gets no lease', (t) => {
  const driver = led();
  const connected = { kind: 'runner-connected', runner: 'r', session: 'session-r' } as const;
  driver.step({ ...connected, digest: 'other' }, LED_AT + 1);
  driver.report('r', reportOf(10, HOLDING), LED_AT + 50);
  t.is(driver.assigned('r')?.lease, undefined);
});
