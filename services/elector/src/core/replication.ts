// The leader's side of the charter: versions are spread at once and with each heartbeat, and are committed
// when a majority has them on disk (C1, C2).
import type { Instant } from '@koi/lib/time';
import type { Charter, Version } from './charter.ts';
import type { ElectorOptions } from './options.ts';
import type { Outputs } from './outputs.ts';
import type { Peer, Peers } from './peers.ts';
import { majority } from './peers.ts';
import type { Voter } from './voter.ts';

/** How many versions may wait for their commit; further orders are refused until some are through. */
export const PROPOSALS_MAX = 64;

interface Proposal {
  readonly charter: Charter;
  readonly onCommit: (charter: Charter, now: Instant) => void;
}

/** The charter in the hands of one leader, for one term. */
export class Replication {
  readonly term: number;
  private readonly options: ElectorOptions;
  private readonly peers: Peers;
  private readonly voter: Voter;
  private readonly outputs: Outputs;
  private readonly acknowledged = new Map<string, number>();
  private proposals: Proposal[] = [];
  private closed = false;
  /** The newest version written by this leader, committed or not. */
  draft: Charter;
  /** The newest committed version; undefined until C2's commit. */
  committed: Charter | undefined;

  constructor(
    term: number,
    inherited: Charter,
    options: ElectorOptions,
    peers: Peers,
    voter: Voter,
    outputs: Outputs,
  ) {
    this.term = term;
    this.options = options;
    this.peers = peers;
    this.voter = voter;
    this.outputs = outputs;
    this.draft = { ...inherited, version: { term, index: 0 } };
  }

  get full(): boolean {
    return this.proposals.length >= PROPOSALS_MAX;
  }

  /** The office is over: what still waits for its commit is answered by others, or not at all. */
  close(): void {
    this.closed = true;
    this.proposals = [];
  }

  /** Writes the next version. `onCommit` runs once a majority has it on disk, never if the office ends before. */
  propose(
    change: Partial<Charter>,
    now: Instant,
    onCommit: (charter: Charter, now: Instant) => void,
  ): void {
    const charter: Charter = {
      ...this.draft,
      ...change,
      version: { term: this.term, index: this.draft.version.index + 1 },
      revision: this.draft.revision + 1,
      electors: this.options.electors.map((elector) => elector.name),
    };
    this.draft = charter;
    this.proposals.push({ charter, onCommit });
    for (const peer of this.peers.values()) {
      if (this.reaches(peer, now)) this.outputs.send(peer.name, { kind: 'store', charter });
    }
    this.voter.store(charter, this.options.name, now, (then) => {
      this.acknowledge(this.options.name, charter.version, then);
    });
  }

  /** With each heartbeat: the newest version to those that have not acknowledged it. */
  repeat(now: Instant): void {
    for (const peer of this.peers.values()) {
      if (!this.reaches(peer, now)) continue;
      if ((this.acknowledged.get(peer.name) ?? 0) < this.draft.version.index) {
        this.outputs.send(peer.name, { kind: 'store', charter: this.draft });
      }
    }
  }

  /** P1: an elector that is not listed is reached over the stream it opened to us. */
  private reaches(peer: Peer, now: Instant): boolean {
    return peer.connected || (peer.listed === undefined && this.peers.heard(peer, now));
  }

  /** C1: acknowledgements of its own term only; a later index acknowledges the earlier ones. */
  acknowledge(elector: string, version: Version, now: Instant): void {
    if (this.closed || version.term !== this.term) return;
    const index = Math.max(version.index, this.acknowledged.get(elector) ?? 0);
    this.acknowledged.set(elector, index);
    const committed = this.majorityIndex();
    while (
      this.proposals[0] !== undefined &&
      this.proposals[0].charter.version.index <= committed
    ) {
      const proposal = this.proposals.shift();
      if (proposal === undefined) break;
      this.committed = proposal.charter;
      proposal.onCommit(proposal.charter, now);
    }
  }

  /**
   * C4: what an elector holds as a stream opens. Where its disk was replaced or is an older one, what it
   * acknowledged before counts no more, and it gets the newest version again.
   */
  introduced(elector: string, held: Version | undefined): void {
    const index = held?.term === this.term ? held.index : 0;
    if (index >= (this.acknowledged.get(elector) ?? 0)) return;
    this.acknowledged.set(elector, index);
  }

  /** The index that a majority of the configured electors has on disk. */
  private majorityIndex(): number {
    const indexes = this.options.electors
      .map((elector) => this.acknowledged.get(elector.name) ?? 0)
      .sort((a, b) => b - a);
    return indexes[majority(this.options) - 1] ?? 0;
  }
}
