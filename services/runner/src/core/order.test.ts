// Who waits for whom: up from low to high, down from high to low.
import test from 'ava';
import type { ServiceState } from './assignment.ts';
import type { Action } from './input.ts';
import { byStartOrder, mayAct } from './order.ts';
import { Service } from './service.ts';
import type { Level } from './transition.ts';
import { begun, definition, Trial } from './trial.fixture.ts';

interface Sketch {
  readonly priority: number | undefined;
  readonly state: ServiceState;
  readonly wanted: Level;
  readonly promoted?: boolean;
  readonly doubted?: boolean;
}

function sketch({ priority, state, wanted, promoted = false, doubted = false }: Sketch): Service {
  const service = new Service(definition(`s${priority ?? ''}`, priority));
  service.begin({ action: 'status', during: 'stopped', reason: '' }, 1, 0, 0);
  service.end({ kind: 'exited', code: 92 }, false);
  if (doubted) service.doubt();
  Object.assign(service, { state, promoted, wanted });
  return service;
}

const low = { priority: 10 };
const high = { priority: 20 };
const none = { priority: undefined };

const table: readonly (readonly [Action, number | undefined, Sketch, boolean, string])[] = [
  ['start', 20, { ...low, state: 'stopped', wanted: 'started' }, false, 'the lower is down'],
  ['start', 20, { ...low, state: 'starting', wanted: 'started' }, false, 'the lower starts'],
  ['start', 20, { ...low, state: 'started', wanted: 'started' }, true, 'the lower is up'],
  ['start', 20, { ...low, state: 'promoting', wanted: 'promoted' }, true, 'the lower is up'],
  [
    'start',
    20,
    { ...low, state: 'started', wanted: 'started', doubted: true },
    false,
    'nobody has seen the lower up since maintenance',
  ],
  ['start', 20, { ...low, state: 'stopped', wanted: 'stopped' }, true, 'the lower stays down'],
  ['start', 20, { ...none, state: 'stopped', wanted: 'started' }, true, 'nobody waits for none'],
  ['start', undefined, { ...low, state: 'stopped', wanted: 'started' }, true, 'none waits'],
  ['start', 10, { ...low, state: 'stopped', wanted: 'started' }, true, 'equals go together'],
  ['start', 10, { ...high, state: 'stopped', wanted: 'started' }, true, 'the higher comes later'],
  [
    'promote',
    20,
    { ...low, state: 'started', wanted: 'promoted' },
    false,
    'the lower is no master',
  ],
  ['promote', 20, { ...low, state: 'promoting', wanted: 'promoted' }, false, 'the lower promotes'],
  ['promote', 20, { ...low, state: 'promoted', wanted: 'promoted' }, true, 'the lower is promoted'],
  [
    'demote',
    10,
    { ...high, state: 'promoted', wanted: 'started', promoted: true },
    false,
    'the higher is promoted',
  ],
  [
    'demote',
    10,
    { ...high, state: 'demoting', wanted: 'started', promoted: true },
    false,
    'the higher demotes',
  ],
  [
    'demote',
    10,
    { ...high, state: 'demoting', wanted: 'promoted', promoted: true },
    false,
    'the higher demotes, to be promoted again',
  ],
  ['demote', 10, { ...high, state: 'started', wanted: 'started' }, true, 'the higher is demoted'],
  [
    'demote',
    20,
    { ...low, state: 'promoted', wanted: 'started', promoted: true },
    true,
    'the lower comes later',
  ],
  [
    'demote',
    10,
    { ...high, state: 'failed', wanted: 'stopped', promoted: true },
    true,
    'nobody waits for what no script can bring down',
  ],
  ['stop', 10, { ...high, state: 'started', wanted: 'stopped' }, false, 'the higher runs'],
  ['stop', 10, { ...high, state: 'failing', wanted: 'stopped' }, true, 'the higher is at its end'],
  ['stop', 10, { ...high, state: 'stopped', wanted: 'stopped' }, true, 'the higher is down'],
  ['stop', 10, { ...high, state: 'failed', wanted: 'stopped' }, true, 'the higher is down'],
  ['stop', 10, { ...high, state: 'started', wanted: 'started' }, true, 'the higher stays up'],
  [
    'status',
    20,
    { ...low, state: 'stopped', wanted: 'started' },
    true,
    'a status waits for nobody',
  ],
];

for (const [action, priority, other, may, why] of table) {
  test(`${action} of ${priority ?? 'none'} beside ${other.priority ?? 'none'} in ${other.state}: ${
    may ? 'yes' : 'no'
  }, ${why}`, (t) => {
    const service = sketch({ priority, state: 'started', wanted: 'started' });
    t.is(mayAct(action, service, [service, sketch(other)]), may);
  });
}

test('services start by priority, those without one last, then by name', (t) => {
  const services = [
    new Service(definition('x')),
    new Service(definition('b', 20)),
    new Service(definition('c', 5)),
    new Service(definition('a', 20)),
    new Service(definition('w')),
  ];
  t.deepEqual(
    services.toSorted(byStartOrder).map(({ name }) => name),
    ['c', 'a', 'b', 'w', 'x'],
  );
});

const DISK = definition('disk', 10);
const WEB = definition('web', 20);
const LOG = definition('log');

test('start and promote go from low to high, stop and demote from high to low', (t) => {
  const trial = new Trial();
  trial.pass(0);
  trial.folder(WEB, LOG, DISK);
  t.deepEqual(begun(trial.assign()), ['disk status', 'web status', 'log status']);
  for (const name of ['web', 'disk', 'log']) trial.end(name);
  t.deepEqual(trial.scripts, ['disk start', 'log start']);
  t.deepEqual(begun(trial.end('disk')), ['disk status', 'web start']);
  trial.finish();
  t.deepEqual(begun(trial.promote(1)), ['disk promote', 'log promote']);
  t.deepEqual(begun(trial.end('disk')), ['web promote']);
  trial.finish();
  t.deepEqual(begun(trial.assign({ target: 'stopped' })), ['web demote', 'log demote']);
  t.deepEqual(begun(trial.end('web')), ['disk demote', 'web stop']);
  t.deepEqual(begun(trial.end('disk')), []);
  t.deepEqual(begun(trial.end('web')), ['disk stop']);
  trial.finish();
  t.is(trial.runner.state, 'stopped');
});
