// Administrators' orders on their way through the core: each gets a number, waits for the core's answer
// under it, and is answered once.
import { koiError } from '@koi/lib/grpc/errors';
import type { CommandRefusal } from '../core/effect.ts';
import type { Command, Input } from '../core/input.ts';

/** How many orders may wait for an answer at a time. */
export const ORDERS_MAX = 128;

/** What has become of an order. */
export interface OrderAnswer {
  /** The charter's revision that holds it. */
  readonly revision: number;
  /** It held already. */
  readonly held: boolean;
}

export interface OrderBook {
  /** Gives an order to the core. Resolves once it is committed, or rejects with the reason. */
  order(command: Command, signal: AbortSignal): Promise<OrderAnswer>;
  answer(id: number, answer: OrderAnswer): void;
  refuse(id: number, reason: CommandRefusal, text: string): void;
}

interface Waiting {
  resolve(answer: OrderAnswer): void;
  reject(error: Error): void;
}

export function createOrderBook(feed: (input: Input) => void): OrderBook {
  const waiting = new Map<number, Waiting>();
  let last = 0;

  function take(id: number): Waiting | undefined {
    const found = waiting.get(id);
    waiting.delete(id);
    return found;
  }

  return {
    order(command, signal) {
      if (waiting.size >= ORDERS_MAX) {
        throw koiError('OVERLOADED', `${ORDERS_MAX} orders wait for an answer: try again later`);
      }
      last += 1;
      const id = last;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        // A caller that has gone gets no answer; its order stands all the same.
        const gone = () => {
          const text = 'the caller gave up before the order was known to be safe';
          take(id)?.reject(koiError('OUTCOME_UNKNOWN', text));
        };
        signal.addEventListener('abort', gone, { once: true });
        feed({ kind: 'command', id, command });
      });
    },
    answer: (id, answer) => take(id)?.resolve(answer),
    refuse: (id, reason, text) => take(id)?.reject(koiError(reason, text)),
  };
}
