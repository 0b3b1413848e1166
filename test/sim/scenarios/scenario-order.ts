// The orders that an administrator gives in a story, as koi-admin names them, and what becomes of them.
import type { Command } from '../../../services/elector/src/core/input.ts';
import type { SimElector } from '../sim-elector.ts';
import type { ScenarioStage } from './scenario-stage.ts';

/** An order by its words; undefined where there is none like it. */
export function commandOf(text: string): Command | undefined {
  const [kind = '', argument] = text.split(' ', 2);
  if (kind === 'maintenance') {
    return argument === 'on' || argument === 'off' ? { kind, on: argument === 'on' } : undefined;
  }
  if (kind === 'recover' || kind === 'reconfigure') return { kind, runner: argument };
  if (kind === 'demote' || kind === 'elect') return argument === undefined ? { kind } : undefined;
  if (argument === undefined) return undefined;
  switch (kind) {
    case 'promote':
    case 'start':
    case 'stop':
    case 'confirm-down':
      return { kind, runner: argument };
    default:
      return undefined;
  }
}

/** Gives an order to one elector; what it answers is written and kept. */
export function giveOrder(
  stage: ScenarioStage,
  text: string,
  command: Command,
  elector: SimElector,
): void {
  const { chronicle, orders } = stage;
  const order: (typeof orders)[number] = { text, outcome: undefined };
  orders.push(order);
  elector.order(command, (outcome) => {
    order.outcome = outcome;
    const { revision } = outcome;
    if (revision === undefined) {
      chronicle.tell('the order is refused');
      return;
    }
    chronicle.write(elector.name, `answers "${text}" with revision ${revision}`);
    chronicle.tell('the order is answered');
  });
}
