// Mutants of the charter: commit, succession, disks, orders (C1 to C4).
import { editorOf, type Mutant } from './mutant.ts';

const CORE = 'services/elector/src/core';

const voter = editorOf(`${CORE}/voter.ts`);
const replication = editorOf(`${CORE}/replication.ts`);
const commands = editorOf(`${CORE}/commands.ts`);

export const CHARTER_MUTANTS: readonly Mutant[] = [
  {
    name: 'a version is acknowledged before it is durable',
    rule: 'C1',
    edits: [voter('this.charterWrite, now, onDurable);', '0, now, onDurable);')],
    trap: { seeds: { from: 1, count: 10 } },
    promise: 'durable before sent',
  },
  {
    name: 'a version of a lower term is stored',
    rule: 'C1',
    edits: [voter('if (charter.version.term < this.term) return false;', '')],
    trap: { scenario: 'a-late-store-of-an-old-leader' },
    promise: 'what is committed is never lost',
  },
  {
    name: 'a leader counts acknowledgements of other terms',
    rule: 'C1',
    edits: [
      replication(
        'if (this.closed || version.term !== this.term) return;',
        'if (this.closed) return;',
      ),
    ],
    trap: { scenario: 'an-acknowledgement-of-an-earlier-term' },
    promise: 'what is committed is never lost',
  },
  {
    name: 'a version is committed by less than a majority',
    rule: 'C1',
    edits: [
      replication('return indexes[majority(this.options) - 1] ?? 0;', 'return indexes[0] ?? 0;'),
    ],
    trap: { seeds: { from: 1, count: 10 } },
    promise: 'maintenance is committed before it is told',
  },
  {
    name: 'a version is sent once and never again',
    rule: 'C1',
    edits: [
      replication(
        'if ((this.acknowledged.get(peer.name) ?? 0) < this.draft.version.index) {',
        'if (this.draft.version.index < 0) {',
      ),
    ],
    trap: { scenario: 'an-empty-disk-under-a-leader' },
    promise: { mustHold: 'all disks agree at the end' },
  },
  {
    name: 'an order is answered before it is committed',
    rule: 'C1',
    edits: [
      {
        file: `${CORE}/order-desk.ts`,
        text: `        office.propose(verdict.change, verdict, now, (charter) => {
          this.outputs.log('info', verdict.text);
          answer(charter);
        });
        break;`,
        instead: `        office.propose(verdict.change, verdict, now, () => {});
        answer(replication.draft);
        return;`,
      },
    ],
    trap: { scenario: 'nothing-is-told-before-its-commit' },
    promise: 'what is committed is never lost',
  },
  {
    name: 'what holds is answered though it is not committed',
    rule: 'C1',
    edits: [
      {
        file: `${CORE}/order-desk.ts`,
        text: 'if (replication.draft === replication.committed) {',
        instead: 'if (replication.committed !== undefined) {',
      },
    ],
    trap: { scenario: 'nothing-is-told-before-its-commit' },
    promise: 'what is committed is never lost',
  },
  {
    name: 'a new leader goes on from its own charter',
    rule: 'C2',
    edits: [
      {
        file: `${CORE}/leadership.ts`,
        text: 'charter: newestOf([...granted.map((grant) => grant.charter), this.voter.charter]),',
        instead: 'charter: this.voter.charter,',
      },
    ],
    trap: { scenario: 'succession-by-grants' },
    promise: 'what is committed is never lost',
  },
  {
    name: 'a new leader takes the charter told when streams opened, not with grants',
    rule: 'C2',
    edits: [
      {
        file: `${CORE}/leadership.ts`,
        text: 'charter: newestOf([...granted.map((grant) => grant.charter), this.voter.charter]),',
        instead:
          'charter: newestOf([...this.peers.listed().map(({ told }) => told?.charter), this.voter.charter]),',
      },
    ],
    trap: { scenario: 'succession-by-grants' },
    promise: 'what is committed is never lost',
  },
  {
    name: 'only the first grant of a term carries the charter',
    rule: 'C2',
    edits: [
      {
        file: `${CORE}/conversation.ts`,
        text: 'const charter = claims ? voter.charter : undefined;',
        instead: 'const charter = claims && boundTo !== peer.name ? voter.charter : undefined;',
      },
    ],
    trap: { scenario: 'succession-by-a-repeated-grant' },
    promise: 'what is committed is never lost',
  },
  {
    name: 'a new leader decides before its first commit',
    rule: 'C2',
    edits: [
      replication(
        'this.draft = { ...inherited, version: { term, index: 0 } };',
        'this.draft = { ...inherited, version: { term, index: 0 } };\n    this.committed = this.draft;',
      ),
    ],
    trap: { seeds: { from: 1, count: 10 } },
    promise: 'maintenance is committed before it is told',
  },
  {
    name: 'a damaged file is read all the same',
    rule: 'C3',
    edits: [
      {
        file: 'services/elector/src/io/store.ts',
        text: 'if (checksum(body) !== header[2]) {',
        instead: 'if (checksum(body) === file) {',
      },
    ],
    trap: { scenario: 'a-damaged-file' },
    promise: 'a damaged file is refused',
  },
  {
    name: 'an empty disk grants beside one that is not',
    rule: 'C4',
    edits: [
      voter("if (this.charter === undefined && this.peers.hearsCharter(now)) return 'empty';", ''),
    ],
    trap: { scenario: 'an-empty-disk-beside-an-old-one' },
    promise: 'what is committed is never lost',
  },
  {
    name: 'an empty disk takes a charter before all others have told theirs',
    rule: 'C4',
    edits: [
      voter(
        'this.peers.listed().map((peer: Peer) => peer.told);',
        'this.peers.listed().flatMap((peer: Peer) => peer.told ?? []);',
      ),
    ],
    trap: { scenario: 'an-empty-disk-beside-an-old-one' },
    promise: 'what is committed is never lost',
  },
  {
    name: 'demote clears the master',
    rule: '2',
    edits: [
      commands(
        'return change({ manual: true, target: undefined }, charter',
        'return change({ manual: true, target: undefined, master: undefined }, charter',
      ),
    ],
    trap: { scenario: 'demote-frees-nobody' },
    promise: 'at most one promoted runner',
  },
  {
    name: 'stop clears the master',
    rule: '2',
    edits: [
      commands(
        "return change({ stopped }, runner, 'stop'",
        "return change({ stopped, master: undefined }, runner, 'stop'",
      ),
    ],
    trap: { scenario: 'stop-frees-nobody' },
    promise: 'at most one promoted runner',
  },
  {
    name: 'promote clears the master',
    rule: '2',
    edits: [
      commands(
        'return change({ target: runner, manual: false }, runner',
        'return change({ target: runner, manual: false, master: undefined }, runner',
      ),
    ],
    trap: { scenario: 'promote-frees-nobody' },
    promise: 'at most one promoted runner',
  },
];
