// Collects what a step asks for, in order. Every message between electors gets its envelope here.
import type { Effect } from './effect.ts';
import type { Body } from './message.ts';

/** The effects of the step under way. */
export class Outputs {
  private effects: Effect[] = [];
  private changed = false;
  private readonly envelope: () => { readonly term: number; readonly hasCharter: boolean };

  /** `envelope` tells what every message says of its sender (C4). */
  constructor(envelope: () => { readonly term: number; readonly hasCharter: boolean }) {
    this.envelope = envelope;
  }

  add(effect: Effect): void {
    this.effects.push(effect);
  }

  send(to: string, body: Body): void {
    this.effects.push({ kind: 'send', to, message: { ...this.envelope(), body } });
  }

  log(level: 'info' | 'warn', text: string): void {
    this.effects.push({ kind: 'log', level, text });
  }

  /** Notes that what `cluster()` shows has changed; said once per step. */
  markChanged(): void {
    this.changed = true;
  }

  /** Ends the step. */
  take(): readonly Effect[] {
    if (this.changed) this.effects.push({ kind: 'changed' });
    this.changed = false;
    const effects = this.effects;
    this.effects = [];
    return effects;
  }
}
