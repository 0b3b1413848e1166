// Mutants of the leader's side of mastership: leases, changing hands, epochs, maintenance (M1 to M9).
import { editorOf, type Mutant } from './mutant.ts';

const CORE = 'services/elector/src/core';

const tenure = editorOf(`${CORE}/tenure.ts`);
const mastership = editorOf(`${CORE}/mastership.ts`);
const orders = editorOf(`${CORE}/orders.ts`);

/** M8 without its wait for a holder that has not acknowledged the end of maintenance. */
const OWES_NOTHING = mastership(
  `    if (draft.maintenanceAcknowledged < draft.maintenanceChange) {
      const anew`,
  `    if (draft.maintenanceAcknowledged < 0) {
      const anew`,
);

export const MASTERSHIP_MUTANTS: readonly Mutant[] = [
  {
    name: "a lease runs beyond the leader's own",
    rule: 'M1',
    edits: [
      tenure(
        'const duration = Math.min(masterLease, leaderLeaseEnd + this.delta - receivedAt);',
        'const duration = masterLease;',
      ),
    ],
    trap: { scenario: 'a-leader-without-electors-leases-less' },
    promise: 'at most one promoted runner',
  },
  {
    name: 'the holder is counted out at once',
    rule: 'M2',
    edits: [
      mastership(
        'if (unleased || (now >= this.tenure.countedOutAt && !this.orders.renewable(entry, now))) {',
        'if (unleased || !this.orders.renewable(entry, now)) {',
      ),
    ],
    trap: { scenario: 'the-master-is-cut-off-and-hangs' },
    promise: 'at most one promoted runner',
  },
  {
    name: 'the count ignores the drift of the clocks',
    rule: 'M2',
    edits: [
      tenure(
        'this.bound = latest(this.bound, receivedAt + (duration + demoteGrace) * (1 + drift));',
        'this.bound = latest(this.bound, receivedAt + duration + demoteGrace);',
      ),
    ],
    trap: { scenario: 'the-count-outlasts-slow-clocks' },
    promise: 'at most one promoted runner',
  },
  {
    name: 'the count leaves out demoteGrace',
    rule: 'M2',
    edits: [
      tenure(
        'this.bound = latest(this.bound, receivedAt + (duration + demoteGrace) * (1 + drift));',
        'this.bound = latest(this.bound, receivedAt + duration * (1 + drift));',
      ),
    ],
    trap: { scenario: 'the-master-is-cut-off-and-hangs' },
    promise: 'at most one promoted runner',
  },
  {
    name: "a new leader's count ignores the drift of the clocks",
    rule: 'M2',
    edits: [
      tenure(
        'this.bound = startedAt + (residue + this.delta + times.demoteGrace) * (1 + times.drift);',
        'this.bound = startedAt + residue + this.delta + times.demoteGrace;',
      ),
    ],
    trap: { scenario: 'a-new-leader-counts-the-drift' },
    promise: 'at most one promoted runner',
  },
  {
    name: "a new leader's count leaves out demoteGrace",
    rule: 'M2',
    edits: [
      tenure(
        'this.bound = startedAt + (residue + this.delta + times.demoteGrace) * (1 + times.drift);',
        'this.bound = startedAt + (residue + this.delta) * (1 + times.drift);',
      ),
    ],
    trap: { scenario: 'residue-of-a-resigned-term' },
    promise: 'at most one promoted runner',
  },
  {
    name: "a new leader's count leaves out Δ",
    rule: 'M2',
    edits: [
      tenure(
        'this.bound = startedAt + (residue + this.delta + times.demoteGrace) * (1 + times.drift);',
        'this.bound = startedAt + (residue + times.demoteGrace) * (1 + times.drift);',
      ),
    ],
    trap: { scenario: 'residue-of-a-resigned-term' },
    promise: 'at most one promoted runner',
  },
  {
    name: "a new leader's count leaves out the residue",
    rule: 'M2',
    edits: [
      tenure(
        'this.bound = startedAt + (residue + this.delta + times.demoteGrace) * (1 + times.drift);',
        'this.bound = startedAt + (this.delta + times.demoteGrace) * (1 + times.drift);',
      ),
    ],
    trap: { scenario: 'residue-of-a-resigned-term' },
    promise: 'at most one promoted runner',
  },
  {
    name: "a new leader's count leaves out its own residue",
    rule: 'M2',
    edits: [
      {
        file: `${CORE}/leadership.ts`,
        text: 'residue: Math.max(this.voter.residue(claim.term, now), ...residues),',
        instead: 'residue: Math.max(0, ...residues),',
      },
    ],
    trap: { scenario: 'residue-of-the-new-leader-itself' },
    promise: 'at most one promoted runner',
  },
  {
    name: 'a renewal shortens the bound',
    rule: 'M2',
    edits: [
      tenure(
        'this.bound = latest(this.bound, receivedAt + (duration + demoteGrace) * (1 + drift));',
        'this.bound = receivedAt + (duration + demoteGrace) * (1 + drift);',
      ),
    ],
    trap: { scenario: 'a-renewal-shortens-no-bound' },
    promise: 'at most one promoted runner',
  },
  {
    name: 'where the charter names no holder none is waited for',
    rule: 'M2',
    edits: [
      {
        file: `${CORE}/obstacle.ts`,
        text: 'if (given.now < given.countedOutAt) {',
        instead: 'if (given.now < 0) {',
      },
    ],
    trap: { scenario: 'all-disks-are-replaced' },
    promise: 'at most one promoted runner',
  },
  {
    name: 'an epoch is leased before it is committed',
    rule: 'M3',
    edits: [
      orders(
        `    const orders = this.ordersFor(entry, charter);
    const lease = this.lease(entry, charter, now);`,
        `    const orders = this.ordersFor(entry, charter);
    const lease = this.lease(entry, this.replication.draft, now);`,
      ),
    ],
    trap: { scenario: 'nothing-is-told-before-its-commit' },
    promise: 'an epoch is committed before it is leased',
  },
  {
    name: 'a new holder gets the old epoch',
    rule: 'M3',
    edits: [
      mastership(
        'const epoch = Math.max(draft.epoch, this.roster.highestEpoch()) + 1;',
        'const epoch = Math.max(draft.epoch, this.roster.highestEpoch(), 1);',
      ),
    ],
    trap: { seeds: { from: 1, count: 20 } },
    promise: 'epochs of different holders rise',
  },
  {
    name: 'an epoch is not above those that runners report',
    rule: 'M3',
    edits: [
      mastership(
        'const epoch = Math.max(draft.epoch, this.roster.highestEpoch()) + 1;',
        'const epoch = draft.epoch + 1;',
      ),
    ],
    trap: { scenario: 'all-disks-are-replaced' },
    promise: 'epochs of different holders rise',
  },
  {
    name: 'a holder that is to go is renewed no more',
    rule: 'M5',
    edits: [
      orders(
        'if (!holding && this.reasonToGo(entry) !== undefined) return undefined;',
        'if (this.reasonToGo(entry) !== undefined) return undefined;',
      ),
    ],
    trap: { scenario: 'a-switchover-waits-for-the-old-master' },
    promise: { mustHold: 'no lease of r-e ends' },
  },
  {
    name: "any session is leased the holder's epoch",
    rule: 'M7',
    edits: [
      orders(
        'return entry.session === charter.masterSession || entry.report?.epoch === charter.epoch;',
        'return true;',
      ),
    ],
    trap: { scenario: 'a-second-runner-of-the-same-name' },
    promise: 'at most one promoted runner',
  },
  {
    name: 'runners are told of maintenance before it is committed',
    rule: 'M8',
    edits: [
      orders(
        'const news = { on: charter.maintenance, change: charter.maintenanceChange };',
        `const { maintenance: on, maintenanceChange: change } = this.replication.draft;
    const news = { on, change };`,
      ),
    ],
    trap: { scenario: 'nothing-is-told-before-its-commit' },
    promise: 'maintenance is committed before it is told',
  },
  {
    name: 'in maintenance the holder is counted out',
    rule: 'M8',
    edits: [
      mastership(
        '    if (draft.maintenance) {\n',
        '    if (draft.manual && draft.maintenance) {\n',
      ),
    ],
    trap: { scenario: 'maintenance-lasts-longer-than-any-lease' },
    promise: 'at most one promoted runner',
    cover: {
      argument:
        'Maintenance that is on owes an acknowledgement of its end as well, so the rule for that keeps the holder. ' +
        'Kept, for this one keeps everybody else as they are too: nobody is elected.',
      edits: [OWES_NOTHING],
    },
  },
  {
    name: 'a holder that owes the end of maintenance is counted out by time',
    rule: 'M8',
    edits: [OWES_NOTHING],
    trap: { scenario: 'maintenance-counts-nobody-out' },
    promise: 'at most one promoted runner',
  },
  {
    name: 'demoteGrace is not counted from the acknowledgement',
    rule: 'M8',
    edits: [mastership('    this.tenure.acknowledged(now);\n', '')],
    trap: { scenario: 'the-end-of-maintenance-comes-late' },
    promise: 'at most one promoted runner',
  },
  {
    name: 'reports that miss the leader are not relayed',
    rule: 'M9',
    edits: [
      {
        file: `${CORE}/report-intake.ts`,
        text: 'if (!report.leaderUnheard || office() !== undefined) return;',
        instead: 'if (report.number > 0) return;',
      },
    ],
    trap: { scenario: 'the-master-misses-the-leader-alone' },
    promise: { mustHold: 'r-e is never disturbed' },
  },
];
