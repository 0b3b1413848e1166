// Mutants of adoption: what a new process of a runner makes of what the one before it left, when that is kept,
// and how a daemon is detached (M6).
import { editorOf, type Mutant } from './mutant.ts';

const CORE = 'services/runner/src/core';

const mandate = editorOf(`${CORE}/mandate.ts`);
const service = editorOf(`${CORE}/service.ts`);
const runner = editorOf(`${CORE}/runner.ts`);
const record = editorOf(`${CORE}/record.ts`);
const transition = editorOf(`${CORE}/transition.ts`);
const supervision = editorOf(`${CORE}/supervision.ts`);
const keeper = editorOf(`${CORE}/keeper.ts`);
const orders = editorOf('services/elector/src/core/orders.ts');

export const ADOPTION_MUTANTS: readonly Mutant[] = [
  {
    name: 'a new process knows of no lease',
    rule: 'M6',
    edits: [mandate('    this.#leaseEnd = found.leaseEnd;\n', '')],
    trap: { scenario: 'adopted-within-its-lease' },
    promise: 'a process that has heard no leader disturbs nothing',
  },
  {
    name: 'the lease is known as the record names it, without its renewals',
    rule: 'M6',
    edits: [
      record(
        'if (lease.epoch !== mandate.epoch) return record;',
        'if (lease.epoch > 0) return record;',
      ),
    ],
    trap: { scenario: 'adopted-within-its-lease' },
    promise: 'a process that has heard no leader disturbs nothing',
  },
  {
    name: 'an adopted lease is counted anew',
    rule: 'M6',
    edits: [
      record(
        'Math.max(lease.end, mandate.leaseEnd)',
        'Math.max(lease.end, mandate.leaseEnd) + 1_600',
      ),
    ],
    trap: { scenario: 'adopted-and-cut-off' },
    promise: 'a lost lease is down within demoteGrace',
  },
  {
    name: 'a new process knows of no epoch',
    rule: 'M6',
    edits: [mandate('    this.#epoch = found.epoch;\n', '')],
    trap: { scenario: 'adopted-and-cut-off' },
    promise: 'a lost lease is down within demoteGrace',
  },
  {
    name: 'a new process knows of no maintenance',
    rule: 'M6',
    edits: [mandate('    this.#maintenance = found.maintenance;\n', '')],
    trap: { scenario: 'the-deadman-rests-in-maintenance' },
    promise: 'a process that has heard no leader disturbs nothing',
  },
  {
    name: 'a new process knows of no demotion begun',
    rule: 'M6',
    edits: [
      supervision('this.#goingDown = found?.goingDown ?? false;', 'this.#goingDown = false;'),
    ],
    trap: { scenario: 'a-demotion-outlives-its-daemon' },
    promise: { mustHold: 'nobody is master at the end' },
  },
  {
    name: 'before a leader is heard any script runs',
    rule: 'M6',
    edits: [
      runner(
        "return this.#mandate.heard || this.#departure.begun ? 'all' : 'demotions';",
        "return 'all';",
      ),
    ],
    trap: { scenario: 'adopted-and-cut-off' },
    promise: 'a process that has heard no leader disturbs nothing',
  },
  {
    name: 'what is adopted counts as not promoted',
    rule: 'M6',
    edits: [service('    this.promoted = found.promoted;\n', '')],
    trap: { scenario: 'adopted-and-cut-off' },
    promise: 'a lost lease is down within demoteGrace',
  },
  {
    name: 'the services of the record are forgotten',
    rule: 'M6',
    edits: [
      supervision(
        'this.services = new Membership(this.#say, found?.services);',
        'this.services = new Membership(this.#say);',
      ),
    ],
    trap: { scenario: 'adopted-and-cut-off' },
    promise: 'a lost lease is down within demoteGrace',
  },
  {
    name: 'a script under way is forgotten',
    rule: 'M6',
    edits: [
      service(
        'if (running !== undefined) this.running = { ...running, processId: 0, cutting: false };',
        '',
      ),
    ],
    trap: { scenario: 'killed-in-a-promote' },
    promise: { mustHold: 'r-e is master at the end' },
  },
  {
    name: 'a demote that nobody has seen the end of counts as done',
    rule: 'M6',
    edits: [
      transition(
        `      next: 'promoted',
      ceiling: 'started',
      reason: 'its demote has ended unseen: it is demoted again',`,
        `      next: 'started',
      promoted: false,
      reason: 'its demote has ended unseen',`,
      ),
    ],
    trap: { scenario: 'killed-before-its-demote' },
    promise: 'at most one promoted runner',
  },
  {
    name: 'a service is started before its status was seen',
    rule: 'M6',
    edits: [service('return rises && !this.#proven ? undefined : step;', 'return step;')],
    trap: { scenario: 'without-a-record-status-decides' },
    promise: 'what runs is not started again',
  },
  {
    name: 'what outlives its kill waits for a leader to be heard',
    rule: 'M6',
    edits: [
      supervision(
        "    if (action === 'demote') return true;\n",
        "    if (action.length > 0) return action === 'demote';\n",
      ),
    ],
    trap: { scenario: 'found-long-past-its-lease' },
    promise: { mustHold: 'the hook of r-d is never called' },
  },
  {
    name: 'a script begins before it is recorded',
    rule: 'M6',
    edits: [
      runner(
        'this.#effects = [...kept, ...this.#effects];',
        'this.#effects = [...this.#effects, ...kept];',
      ),
    ],
    trap: { scenario: 'killed-before-its-record' },
    promise: 'a lost lease is down within demoteGrace',
  },
  {
    name: 'a report acknowledges what the deadman has not been told',
    rule: 'M6',
    edits: [
      runner(
        'this.#effects = [...kept, ...this.#effects];',
        `this.#effects = [
      ...kept.filter(({ kind }) => kind !== 'lease'),
      ...this.#effects,
      ...kept.filter(({ kind }) => kind === 'lease'),
    ];`,
      ),
    ],
    trap: { scenario: 'killed-before-the-end-of-maintenance-is-kept' },
    promise: 'a lost lease is down within demoteGrace',
  },
  {
    name: 'a renewal is not kept',
    rule: 'M6',
    edits: [
      keeper(
        'const leaseText = JSON.stringify(lease);',
        'const leaseText = JSON.stringify({ ...lease, end: 0 });',
      ),
    ],
    trap: { scenario: 'adopted-within-its-lease' },
    promise: { mustHold: 'r-e is never disturbed' },
  },
  {
    name: 'a session anew is told something before its first report',
    rule: 'M6',
    edits: [orders('if (isAnew && entry.report === undefined) return;', '')],
    trap: { scenario: 'adopted-within-its-lease' },
    promise: { mustHold: 'r-e is never disturbed' },
  },
  {
    name: 'an epoch is leased only to the session that it was committed for',
    rule: 'M7',
    edits: [
      orders(
        'return entry.session === charter.masterSession || entry.report?.epoch === charter.epoch;',
        'return entry.session === charter.masterSession;',
      ),
    ],
    trap: { scenario: 'adopted-within-its-lease' },
    promise: { mustHold: 'r-e is never disturbed' },
  },
  {
    name: 'who is told to detach takes everything down',
    rule: 'M6',
    edits: [runner('    this.#detached = true;\n', '    this.#onStop(this.#now);\n')],
    trap: { scenario: 'detached-and-back' },
    promise: 'who was told to detach touches nothing',
  },
  {
    name: 'who is told to detach goes on',
    rule: 'M6',
    edits: [runner('    if (this.#detached) {\n', '    if (this.#detached && this.#exited) {\n')],
    trap: { scenario: 'detached-and-not-back' },
    promise: 'who was told to detach touches nothing',
    cover: {
      argument:
        'A daemon that was told to detach runs no script in the step in which it exits either. Kept, for nothing may ' +
        'begin that the record of that very step does not know.',
      edits: [
        runner(
          "if (this.#detached || this.#ladder.barred) return 'none';",
          "if (this.#ladder.barred) return 'none';",
        ),
      ],
    },
  },
];
