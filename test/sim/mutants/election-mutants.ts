// Mutants of leadership: lists, terms, bindings, residue, leases of leaders (P1 to P3, P7 to P10).
import { editorOf, type Mutant } from './mutant.ts';

const CORE = 'services/elector/src/core';

const voter = editorOf(`${CORE}/voter.ts`);
const lease = editorOf(`${CORE}/lease.ts`);
const leadership = editorOf(`${CORE}/leadership.ts`);

export const ELECTION_MUTANTS: readonly Mutant[] = [
  {
    name: 'an elector goes by any list, whatever its charter names',
    rule: 'P1',
    edits: [voter('return added + removed > LIST_DIFFERENCE_MAX;', 'return false;')],
    trap: { scenario: 'the-list-changes-by-two' },
    promise: 'at most one valid leader lease',
  },
  {
    name: 'a grant leaves before it is durable',
    rule: 'P2',
    edits: [voter(', this.grantWrite, now, (then) => {', ', 0, now, (then) => {')],
    trap: { seeds: { from: 1, count: 10 } },
    promise: 'durable before sent',
  },
  {
    name: 'a term is granted twice',
    rule: 'P2',
    edits: [
      voter(
        'return term === this.record.grantedTerm && this.record.grantedTo !== to;',
        'return false;',
      ),
      voter(
        'if (term > this.record.grantedTerm) {',
        'if (term > this.record.grantedTerm || to !== this.record.grantedTo) {',
      ),
    ],
    trap: { scenario: 'a-term-is-granted-once' },
    promise: 'what is committed is never lost',
  },
  {
    name: 'a term below the granted one is granted',
    rule: 'P2',
    edits: [
      voter('if (term < this.term) return true;', ''),
      voter('if (term > this.record.grantedTerm) {', 'if (term !== this.record.grantedTerm) {'),
    ],
    trap: { scenario: 'a-claim-of-a-lower-term' },
    promise: 'what is committed is never lost',
  },
  {
    name: 'a grant binds once it is durable',
    rule: 'P3',
    edits: [
      voter('    this.binding.bind(to, term, now);\n', ''),
      voter(
        'if (this.record.grantedTerm === term && this.record.grantedTo === to) onDurable(then);',
        'this.binding.bind(to, term, now);\n      onDurable(then);',
      ),
    ],
    trap: { scenario: 'a-disk-slower-than-two-claims' },
    promise: 'at most one valid leader lease',
  },
  {
    name: 'a binding ignores the drift of the clocks',
    rule: 'P3',
    edits: [
      lease(
        'this.length = times.leaderLease * (1 + times.drift);',
        'this.length = times.leaderLease;',
      ),
    ],
    trap: { scenario: 'a-binding-outlasts-a-slow-clock' },
    promise: 'at most one valid leader lease',
  },
  {
    name: 'the drift is taken for a time, not for a share',
    rule: 'P3',
    edits: [
      lease(
        'this.length = times.leaderLease * (1 + times.drift);',
        'this.length = times.leaderLease + times.drift;',
      ),
    ],
    trap: { scenario: 'a-binding-outlasts-a-slow-clock' },
    promise: 'at most one valid leader lease',
  },
  {
    name: 'a leader does not bind itself',
    rule: 'P3',
    edits: [
      voter(
        '    this.binding.bind(to, term, now);\n',
        '    if (to !== this.options.name) this.binding.bind(to, term, now);\n',
      ),
    ],
    trap: { seeds: { from: 1, count: 20 } },
    promise: 'at most one valid leader lease',
  },
  {
    name: 'an elector that has started does not abstain',
    rule: 'P3',
    edits: [
      voter('return now < this.abstainsUntil && towards !== this.storedGrantee;', 'return false;'),
    ],
    trap: { scenario: 'a-granter-that-starts-abstains' },
    promise: 'at most one valid leader lease',
  },
  {
    name: 'a grant carries no residue',
    rule: 'P3',
    edits: [
      voter(
        'return Math.max(this.binding.residue(term, now), this.abstainsUntil - now, 0);',
        'return 0;',
      ),
    ],
    trap: { scenario: 'residue-of-a-resigned-term' },
    promise: 'at most one promoted runner',
  },
  {
    name: 'a resigned term leaves no residue',
    rule: 'P3',
    edits: [
      lease(
        'if (this.held?.term === term) this.held = undefined;',
        'if (this.held?.term === term) this.held = undefined;\n    this.full.delete(term);',
      ),
    ],
    trap: { scenario: 'residue-of-a-resigned-term' },
    promise: 'at most one promoted runner',
  },
  {
    name: "the residue leaves out the same elector's earlier terms",
    rule: 'P3',
    edits: [
      lease(
        '    this.held = { to, term, until };\n',
        '    if (this.held?.to === to) this.full.delete(this.held.term);\n    this.held = { to, term, until };\n',
      ),
    ],
    trap: { scenario: 'residue-of-the-same-leader' },
    promise: 'at most one promoted runner',
    cover: {
      argument:
        'What this leaves out is leases that the new leader itself gave. It counts those by its own residue: ' +
        'its binding to itself in its earlier terms or, where it has started since, its abstention, and both ' +
        'end no earlier than what others are bound to it. Kept, for the rule is then the same for all grants.',
      edits: [
        leadership(
          'residue: Math.max(this.voter.residue(claim.term, now), ...residues),',
          'residue: Math.max(0, ...residues),',
        ),
      ],
    },
  },
  {
    name: 'the residue leaves out the abstention after a start',
    rule: 'P3',
    edits: [
      voter(
        'return Math.max(this.binding.residue(term, now), this.abstainsUntil - now, 0);',
        'return this.binding.residue(term, now);',
      ),
    ],
    trap: { scenario: 'residue-of-a-granter-that-restarted' },
    promise: 'at most one promoted runner',
  },
  {
    name: "a leader's lease counts from the arrival of the grant",
    rule: 'P7',
    edits: [
      leadership(
        '    claim.lease.grantedBy(from.name, grant.round);\n',
        '    claim.lease.sent(grant.round, now);\n    claim.lease.grantedBy(from.name, grant.round);\n',
      ),
    ],
    trap: { scenario: 'a-lease-counts-from-the-round' },
    promise: 'no assignment without a majority',
  },
  {
    name: 'a leader whose lease has run out goes on',
    rule: 'P7',
    edits: [
      leadership(
        'if (claim.leading && now >= claim.lease.end) {',
        'if (claim.leading && now < 0) {',
      ),
    ],
    trap: { scenario: 'a-leader-without-electors-leases-less' },
    promise: 'no assignment without a majority',
  },
  {
    name: 'a leader that can be granted no more goes on',
    rule: 'P7',
    edits: [
      leadership(
        "if (refusal.reason !== 'term' || refusal.term !== this.term || !this.peers.agrees(from)) return;",
        "if (refusal.reason !== 'digest' || refusal.term !== this.term || !this.peers.agrees(from)) return;",
      ),
    ],
    trap: { scenario: 'a-leader-that-one-cannot-follow' },
    promise: { mustHold: 'e-a leads at the end' },
  },
  {
    name: 'a leader resigns for any refusal, not for its term alone',
    rule: 'P7',
    edits: [
      leadership(
        "if (refusal.reason !== 'term' || refusal.term !== this.term || !this.peers.agrees(from)) return;",
        'if (refusal.term !== this.term || !this.peers.agrees(from)) return;',
      ),
    ],
    trap: { scenario: 'an-empty-disk-under-a-leader' },
    promise: { mustHold: 'at most 1 term' },
  },
  {
    name: 'a leader does not believe the terms that runners tell',
    rule: 'P7',
    edits: [
      {
        file: `${CORE}/report-intake.ts`,
        text: 'if (report.highestTerm > leadership.term) {',
        instead: 'if (report.highestTerm < 0) {',
      },
    ],
    trap: { scenario: 'all-terms-are-forgotten' },
    promise: { mustHold: 'all is well at the end' },
  },
  {
    name: 'nobody is freed by a resignation',
    rule: 'P8',
    edits: [
      {
        file: `${CORE}/conversation.ts`,
        text: '    if (voter.binding.to(now) === peer.name) voter.binding.free(term);\n',
        instead: '    if (voter.binding.to(now) === undefined) voter.binding.free(term);\n',
      },
    ],
    trap: { scenario: 'a-resignation-frees-at-once' },
    promise: { mustHold: 'nobody leads for at most 60 ms' },
  },
  {
    name: 'a higher elector asks for the office as soon as it hears a majority',
    rule: 'P9',
    edits: [
      {
        file: `${CORE}/preemption.ts`,
        text: 'export const PREEMPT_INTERVAL: Duration = 60_000;',
        instead: 'export const PREEMPT_INTERVAL: Duration = 0;',
      },
    ],
    trap: { scenario: 'preempt-unstable' },
    promise: { mustHold: 'at most 2 terms' },
  },
  {
    name: 'a loop that wakes up late reads its mail first',
    rule: 'P10',
    edits: [
      {
        file: 'lib/src/loop.ts',
        text: `        catchUp(now);
        const input = queue.shift();
        if (input !== undefined) step(input, now);`,
        instead: `        const input = queue.shift();
        if (input !== undefined) step(input, now);
        catchUp(now);`,
      },
      {
        file: `${CORE}/elector.ts`,
        text: '    this.leadership.expire(now);\n    this.voter.disk.expire(now);\n    this.take(input, now);\n',
        instead:
          '    this.take(input, now);\n    this.leadership.expire(now);\n    this.voter.disk.expire(now);\n',
      },
    ],
    trap: { scenario: 'a-leader-that-was-paused' },
    promise: 'no assignment without a majority',
  },
];
