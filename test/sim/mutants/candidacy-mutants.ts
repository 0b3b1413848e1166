// Mutants of the way to a claim: who stands, who is deferred to, what is claimed (P4 to P6).
import { editorOf, type Mutant } from './mutant.ts';

const CORE = 'services/elector/src/core';

const leadership = editorOf(`${CORE}/leadership.ts`);
const candidacy = editorOf(`${CORE}/candidacy.ts`);

/** P4 without its last condition: who hears a majority stands, also where it can ask nobody. */
const HEARD_IS_ENOUGH = candidacy(
  'this.peers.reachesMajority(now) &&',
  'this.peers.listed().filter((peer) => this.peers.heard(peer, now)).length + 1 >= majority(this.options) &&',
);

export const CANDIDACY_MUTANTS: readonly Mutant[] = [
  {
    name: 'all stand at once, whatever their rank',
    rule: 'P4',
    edits: [
      candidacy('export const STAGGER_HEARTBEATS = 0.15;', 'export const STAGGER_HEARTBEATS = 0;'),
    ],
    trap: { scenario: 'five-electors-take-turns' },
    promise: { mustHold: 'nobody leads for at most 1.2 s' },
  },
  {
    name: 'an elector that can ask nobody stands and answers',
    rule: 'P4',
    edits: [HEARD_IS_ENOUGH],
    trap: { scenario: 'a-high-elector-that-nobody-lets-in' },
    promise: { mustHold: 'nobody leads for at most 150 ms' },
  },
  {
    name: 'an elector whose disk hangs stands all the same',
    rule: 'P4',
    edits: [candidacy('this.voter.disk.sound(now)', 'this.voter.disk.problem.length >= 0')],
    trap: { scenario: 'a-returning-elector-with-a-bad-disk' },
    promise: { mustHold: 'nobody leads for at most 150 ms' },
  },
  {
    name: 'who answers and does not claim is deferred to for ever',
    rule: 'P5',
    edits: [candidacy('this.passedOver = this.deferredTo;', 'this.passedOver = new Set();')],
    trap: { scenario: 'a-high-elector-that-nobody-lets-in' },
    promise: { mustHold: 'e-c leads at the end' },
    cover: {
      argument:
        'Who answers reaches a majority, is bound to nobody and has a sound disk (P4), so its probe is replied to ' +
        'as any other, and it claims. If the claim fails for its disk, that is no longer sound; if for its streams, ' +
        'it no longer reaches a majority: the next time it does not answer. Kept, for P4 is what an elector ' +
        'knows of itself, and passing over does not depend on that.',
      edits: [HEARD_IS_ENOUGH],
    },
  },
  {
    name: 'a claim that nobody grants goes on for ever',
    rule: 'P6',
    edits: [
      leadership(
        'return claim.startedAt + CLAIM_HEARTBEATS * this.options.times.heartbeat;',
        'return claim.startedAt + 1_000 * CLAIM_HEARTBEATS * this.options.times.heartbeat;',
      ),
    ],
    trap: { scenario: 'a-claim-has-an-end' },
    promise: { mustHold: 'e-b leads at the end' },
  },
  {
    name: 'a claim takes the highest term that was told, not the next',
    rule: 'P6',
    edits: [
      leadership(
        'const term = this.voter.highestTerm + 1;',
        'const term = Math.max(1, this.voter.highestTerm);',
      ),
    ],
    trap: { seeds: { from: 1, count: 20 } },
    promise: 'what is committed is never lost',
  },
  {
    name: 'a claimant leads before a majority has granted',
    rule: 'P6',
    edits: [
      leadership(
        'if (claim.grants.size + 1 < majority(this.options) || now >= claim.lease.end) return;',
        'if (claim.grants.size + 2 < majority(this.options)) return;',
      ),
    ],
    trap: { seeds: { from: 1, count: 20 } },
    promise: 'what is committed is never lost',
  },
];
