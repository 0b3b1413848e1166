// Mutants of the runner: leases, releases, the end of a lease, maintenance, what is dropped (M1 to M8).
import { editorOf, type Mutant } from './mutant.ts';

const CORE = 'services/runner/src/core';

const mandate = editorOf(`${CORE}/mandate.ts`);

export const RUNNER_MUTANTS: readonly Mutant[] = [
  {
    name: 'a stream that could not be opened is not dialled again',
    rule: 'M1',
    edits: [
      {
        file: 'lib/src/grpc/patience.ts',
        text: 'const WAIT_MIN_HEARTBEATS = 0.25;',
        instead: 'const WAIT_MIN_HEARTBEATS = 100_000;',
      },
    ],
    trap: { seeds: { from: 1, count: 10 } },
    promise: 'a cluster comes back',
  },
  {
    name: 'a lease counts from its arrival',
    rule: 'M1',
    edits: [mandate('const end = sentAt + lease.duration;', 'const end = now + lease.duration;')],
    trap: { scenario: 'a-lease-counts-from-the-report' },
    promise: 'a lost lease is down within demoteGrace',
  },
  {
    name: 'what was released is not remembered',
    rule: 'M2',
    edits: [
      mandate("if (epoch <= this.#released) return 'this runner has released that epoch';", ''),
      mandate(
        'if (this.#epoch === 0 || this.#epoch <= this.#released || this.#ended) return false;',
        'if (this.#epoch === 0 || this.#ended) return false;',
      ),
    ],
    trap: { scenario: 'an-order-in-flight-after-a-release' },
    promise: 'at most one promoted runner',
  },
  {
    name: 'an epoch is released while something is promoted',
    rule: 'M2',
    edits: [
      mandate('if (promoted || told === undefined) return;', 'if (told === undefined) return;'),
    ],
    trap: { scenario: 'a-switchover-waits-for-the-old-master' },
    promise: 'at most one promoted runner',
  },
  {
    name: 'an epoch whose lease has ended is obeyed again',
    rule: 'M2',
    edits: [
      mandate("if (epoch === this.#epoch && this.#ended) return 'its lease has ended here';", ''),
      mandate(
        'this.#leaseEnd = Math.max(this.#leaseEnd, end);',
        `this.#leaseEnd = Math.max(this.#leaseEnd, end);
      this.#ended = end <= now;
      if (!this.#ended) this.#killAt = NEVER;`,
      ),
    ],
    trap: { scenario: 'a-lease-that-ended-is-over' },
    promise: 'a lost lease is down within demoteGrace',
  },
  {
    name: 'a lease never ends at its holder',
    rule: 'M4',
    edits: [
      mandate('if (!this.#leaseMatters || now < this.#leaseEnd) return;', 'if (now >= 0) return;'),
      mandate('return now < this.#leaseEnd || this.#maintenance.on;', 'return true;'),
    ],
    trap: { scenario: 'the-master-is-cut-off-and-hangs' },
    promise: 'a lost lease is down within demoteGrace',
    cover: {
      argument:
        'The deadman demotes what the runner does not. Kept, for it is there for a runner that cannot, and is ' +
        'later than that.',
      edits: [
        {
          file: `${CORE}/runner.ts`,
          text: '{ epoch, end: demoteAt, maintenance }',
          instead: '{ epoch, end: demoteAt, maintenance: maintenance || epoch > 0 }',
        },
      ],
    },
  },
  {
    name: 'what hangs at the end of a lease is not killed',
    rule: 'M4',
    edits: [
      mandate('this.#killAt = this.demoteAt + KILL_SHARE * demoteGrace;', 'this.#killAt = NEVER;'),
    ],
    trap: { scenario: 'the-master-is-cut-off-and-hangs' },
    promise: 'a lost lease is down within demoteGrace',
  },
  {
    name: 'a lower term is obeyed',
    rule: 'M7',
    edits: [mandate('if (assignment.term < this.#term) return false;', '')],
    trap: { scenario: 'a-late-order-of-an-old-leader' },
    promise: { mustHold: 'r-e is never disturbed' },
  },
  {
    name: 'an older assignment is obeyed',
    rule: 'M7',
    edits: [
      mandate(
        'if (assignment.term === this.#term && assignment.sequence <= this.#sequence) return false;',
        '',
      ),
    ],
    trap: { scenario: 'a-late-order-of-the-same-leader' },
    promise: { mustHold: 'r-e is never disturbed' },
  },
  {
    name: 'scripts run in maintenance',
    rule: 'M8',
    edits: [
      {
        file: `${CORE}/runner.ts`,
        text: "if (this.#mandate.maintenance) return 'demotions';",
        instead: '',
      },
    ],
    trap: { scenario: 'maintenance-lasts-longer-than-any-lease' },
    promise: 'in maintenance no script runs',
  },
];
