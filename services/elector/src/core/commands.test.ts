// What each order does to the charter, when it is refused and with what words.
import test from 'ava';
import type { Charter } from './charter.ts';
import type { Driver } from './driver.fixture.ts';
import { charterOf, goOn, LED_AT, lead, reportOf } from './driver.fixture.ts';
import type { Command } from './input.ts';

const AT = LED_AT + 2_000;

/** r is master, s is a standby, u is known and not heard. */
function led(part: Partial<Charter> = {}): Driver {
  const charter = charterOf(1, {
    master: 'r',
    masterSession: 'session-r',
    epoch: 4,
    runners: ['r', 's', 'u'],
    ...part,
  });
  const driver = lead({ record: { grantedTerm: 1, grantedTo: 'b', charter }, charter });
  for (const name of ['r', 's']) driver.attach(name, LED_AT + 1);
  goOn(driver, LED_AT + 50, AT, (now) => {
    const holding = { state: 'master', epoch: 4, promoted: true } as const;
    driver.report('r', reportOf(now, holding), now);
    driver.report('s', reportOf(now), now);
  });
  return driver;
}

function give(driver: Driver, command: Command): { kind: string; reason: string; text: string } {
  driver.order(command, AT + 1);
  const stored =
    driver.answered() === undefined ? driver.storeAll(['b', 'c'], AT + 2) : driver.effects;
  driver.effects = stored;
  const answer = driver.answered();
  if (answer?.kind === 'refuse')
    return { kind: 'refuse', reason: answer.reason, text: answer.text };
  return { kind: answer?.kind ?? 'none', reason: '', text: '' };
}

const REFUSED: readonly (readonly [string, Command, Partial<Charter>, string, RegExp])[] = [
  [
    'an unknown runner',
    { kind: 'promote', runner: 'x' },
    {},
    'RUNNER_UNKNOWN',
    /no runner named x; known runners: r, s, u/,
  ],
  [
    'one that is not heard',
    { kind: 'promote', runner: 'u' },
    {},
    'RUNNER_NOT_ELECTABLE',
    /u cannot be master/,
  ],
  [
    'promote in maintenance',
    { kind: 'promote', runner: 's' },
    { maintenance: true, maintenanceChange: 1 },
    'MAINTENANCE',
    /maintenance/,
  ],
  [
    'demote in maintenance',
    { kind: 'demote' },
    { maintenance: true, maintenanceChange: 1 },
    'MAINTENANCE',
    /maintenance/,
  ],
  [
    'stop of an unknown runner',
    { kind: 'stop', runner: 'x' },
    {},
    'RUNNER_UNKNOWN',
    /known runners/,
  ],
  [
    'recover of an unknown runner',
    { kind: 'recover', runner: 'x' },
    {},
    'RUNNER_UNKNOWN',
    /known runners/,
  ],
];

for (const [title, command, part, reason, text] of REFUSED) {
  test(`refused: ${title}`, (t) => {
    const driver = led(part);
    const before = driver.disk.charter;
    const answer = give(driver, command);
    t.is(answer.reason, reason);
    t.regex(answer.text, text);
    t.is(driver.disk.charter, before, 'nothing was touched');
  });
}

const CARRIED_OUT: readonly (readonly [Command, Partial<Charter>, Partial<Charter>])[] = [
  [{ kind: 'promote', runner: 's' }, {}, { target: 's', manual: false }],
  [{ kind: 'demote' }, {}, { manual: true, target: undefined }],
  [{ kind: 'maintenance', on: true }, {}, { maintenance: true, maintenanceChange: 1 }],
  [{ kind: 'stop', runner: 's' }, {}, { stopped: ['s'] }],
  [{ kind: 'start', runner: 's' }, { stopped: ['s'] }, { stopped: [] }],
  [{ kind: 'recover', runner: 's' }, {}, { recovery: { s: 1 } }],
  [{ kind: 'recover', runner: undefined }, {}, { recovery: { r: 1, s: 1, u: 1 } }],
];

for (const [command, before, after] of CARRIED_OUT) {
  test(`carried out: ${JSON.stringify(command)}`, (t) => {
    const driver = led(before);
    t.is(give(driver, command).kind, 'answer');
    t.like(driver.disk.charter, after);
    t.is(driver.disk.charter?.decisions.at(-1)?.rule, command.kind, 'with its reason');
  });
}

test('an order that holds already changes nothing and is answered', (t) => {
  for (const command of [
    { kind: 'promote', runner: 'r' },
    { kind: 'elect' },
    { kind: 'maintenance', on: false },
    { kind: 'start', runner: 's' },
  ] as const) {
    const driver = led();
    const before = driver.disk.charter;
    t.is(give(driver, command).kind, 'answer', command.kind);
    t.is(driver.disk.charter, before, command.kind);
  }
});

test('promote ends manual mode', (t) => {
  const driver = led({ manual: true });
  t.is(give(driver, { kind: 'promote', runner: 's' }).kind, 'answer');
  t.false(driver.disk.charter?.manual);
});

test('an elector that does not lead refuses', (t) => {
  const driver = led();
  driver.until(AT + 5_000);
  driver.order({ kind: 'elect' }, AT + 5_001);
  const answer = driver.answered();
  t.is(answer?.kind === 'refuse' ? answer.reason : '', 'NO_LEADER');
});
