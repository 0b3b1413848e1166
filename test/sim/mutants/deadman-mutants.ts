// Mutants of the ladder down from a lease that has ended, as far as two processes go down it (M4): who has the
// lock, who leaves it to whom, what the deadman is told, and what comes last.
import { editorOf, type Mutant } from './mutant.ts';

const CORE = 'services/runner/src/core';

const mandate = editorOf(`${CORE}/mandate.ts`);
const runner = editorOf(`${CORE}/runner.ts`);
const supervision = editorOf(`${CORE}/supervision.ts`);
const ladder = editorOf(`${CORE}/ladder.ts`);

/** The runner takes no lock, and asks nobody. */
const UNCLAIMED = ladder(
  'return this.#losing && this.#supervision.promoted && !this.#claim.holds(this.#mandate.epoch);',
  'return false;',
);

export const DEADMAN_MUTANTS: readonly Mutant[] = [
  {
    name: 'the runner demotes without the lock',
    rule: 'M4',
    edits: [
      UNCLAIMED,
      ladder('if (this.#losing && this.#supervision.promoted) this.#claim.ask(mandate.epoch);', ''),
    ],
    trap: { scenario: 'the-master-is-cut-off-and-hangs' },
    promise: 'nothing runs beside a deadman that acts',
  },
  {
    name: 'a runner runs scripts beside a deadman that was quicker',
    rule: 'M4',
    edits: [ladder('    if (this.#claim.yielded) return true;\n', ''), UNCLAIMED],
    trap: { scenario: 'the-deadman-is-quicker' },
    promise: 'one script at a time',
  },
  {
    name: 'a runner kills beside a deadman that was quicker',
    rule: 'M4',
    edits: [ladder('    if (this.barred) return [];\n', '')],
    trap: { scenario: 'the-deadman-kills-what-hangs' },
    promise: 'nothing runs beside a deadman that acts',
  },
  {
    name: 'what has to be killed is killed after demoteGrace',
    rule: 'M4',
    edits: [
      mandate(
        'this.#killAt = this.demoteAt + KILL_SHARE * demoteGrace;',
        'this.#killAt = this.demoteAt + 1.1 * demoteGrace;',
      ),
    ],
    trap: { scenario: 'the-master-is-cut-off-and-hangs' },
    promise: 'a lost lease is down within demoteGrace',
  },
  {
    name: 'the hook is not called',
    rule: 'M4',
    edits: [ladder('if (now >= mandate.fenceAt) this.#fence(now);', '')],
    trap: { scenario: 'what-does-not-go-is-fenced' },
    promise: { mustHold: 'the hook of r-e is called' },
  },
  {
    name: 'the hook is called before a kill that came too late has had its time',
    rule: 'M4',
    edits: [mandate('    if (now < this.#fenceAt) return;\n', '    if (now >= 0) return;\n')],
    trap: { scenario: 'found-long-past-its-lease' },
    promise: { mustHold: 'the hook of r-d is never called' },
  },
  {
    name: 'the deadman is not told of maintenance',
    rule: 'M8',
    edits: [
      runner(
        'this.#keeper.changes(record, { epoch, end: demoteAt, maintenance });',
        'this.#keeper.changes(record, { epoch, end: demoteAt, maintenance: maintenance && epoch === 0 });',
      ),
    ],
    trap: { scenario: 'the-deadman-rests-in-maintenance' },
    promise: 'in maintenance no script runs',
  },
  {
    name: 'a runner kills what a script has left beside a deadman',
    rule: 'M4',
    edits: [supervision("if (orders.scripts !== 'none') this.#killDue();", 'this.#killDue();')],
    trap: { seeds: { from: 3_401_482, count: 1 } },
    promise: 'nothing runs beside a deadman that acts',
  },
  {
    name: 'who is told twice to end kills beside a deadman that acts',
    rule: 'M4',
    edits: [
      runner('const spared = maintenance || this.#ladder.barred;', 'const spared = maintenance;'),
    ],
    trap: { scenario: 'the-end-leaves-the-deadman-alone' },
    promise: 'nothing runs beside a deadman that acts',
  },
  {
    name: 'who is told twice to end takes the deadman along',
    rule: 'M4',
    edits: [runner('detached: frozen || this.#ladder.barred', 'detached: frozen')],
    trap: { scenario: 'the-end-leaves-the-deadman-alone' },
    promise: 'at most one promoted runner',
  },
];
