// The elector's loop: where the core's effects become writes, messages and answers. A persist comes
// before the sends that depend on it because the core returns it before them.

import { unreachable } from '@koi/lib/assert';
import type { ChangeSignal } from '@koi/lib/change-signal';
import type { Log } from '@koi/lib/log';
import { createLoop, type Loop } from '@koi/lib/loop';
import type { LagWatch } from '@koi/lib/loop-lag';
import type { Clock } from '@koi/lib/time';
import type { Effect } from '../core/effect.ts';
import type { Elector } from '../core/elector.ts';
import type { Input } from '../core/input.ts';
import type { Message } from '../core/message.ts';
import type { OrderBook } from './order-book.ts';
import type { PeerLink } from './peer-link.ts';
import type { PeerService } from './peer-service.ts';
import type { RunnerAttachments } from './runner-service.ts';
import type { Store } from './store.ts';

/** Everything an elector acts on. A simulator passes its own. */
export interface ElectorWorld {
  readonly store: Pick<Store, 'persist'>;
  /** By the other elector's name. */
  readonly links: ReadonlyMap<string, Pick<PeerLink, 'send'>>;
  readonly peers: Pick<PeerService, 'reply'>;
  readonly runners: Pick<RunnerAttachments, 'assign' | 'heard' | 'refuse'>;
  readonly book: Pick<OrderBook, 'answer' | 'refuse'>;
  readonly changes: Pick<ChangeSignal, 'raise'>;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

export interface ElectorLoopOptions {
  readonly core: Pick<Elector, 'deadline' | 'step'>;
  readonly clock: Clock;
  readonly world: ElectorWorld;
  readonly onFault: (error: unknown) => void;
  /** Told how late the loop comes to its deadlines. A simulator has nobody to warn. */
  readonly onLag?: LagWatch | undefined;
}

export function createElectorLoop(options: ElectorLoopOptions): Loop<Input> {
  const { core, clock, world, onFault, onLag } = options;
  return createLoop<Input, Effect>({
    core,
    clock,
    act: (effect) => act(effect, world),
    onFault,
    onLag,
  });
}

function act(effect: Effect, world: ElectorWorld): void {
  switch (effect.kind) {
    case 'persist':
      world.store.persist(effect.number, effect.record);
      break;
    case 'send':
      send(effect.to, effect.message, world);
      break;
    case 'assign':
      world.runners.assign(effect.runner, effect.session, effect.assignment);
      break;
    case 'heard':
      world.runners.heard(effect.runner, effect.session, effect.number);
      break;
    case 'refuse-runner':
      world.log.warn(`refused runner ${effect.runner}: ${effect.reason}`);
      world.runners.refuse(effect.runner, effect.session, effect.reason);
      break;
    case 'answer':
      world.book.answer(effect.id, effect);
      break;
    case 'refuse':
      world.book.refuse(effect.id, effect.reason, effect.text);
      break;
    case 'changed':
      world.changes.raise();
      break;
    case 'log':
      world.log[effect.level](effect.text);
      break;
    default:
      unreachable(effect);
  }
}

/** Requests go out on our own stream, replies on the stream of the one who asked. */
function send(to: string, message: Message, world: ElectorWorld): void {
  const { body } = message;
  switch (body.kind) {
    case 'hello':
    case 'heartbeat':
    case 'election':
    case 'coordinator':
    case 'resign':
    case 'relayed-report':
    case 'handover':
      world.links.get(to)?.send(message, body);
      break;
    case 'welcome':
    case 'answer':
    case 'prospect':
    case 'grant':
    case 'refusal':
    case 'heard':
    case 'relayed-assignment':
      world.peers.reply(to, message, body);
      break;
    case 'store': {
      // P1: a caller that is not in our list, and whom we so do not dial, gets the charter all the same.
      const link = world.links.get(to);
      if (link !== undefined) link.send(message, body);
      else world.peers.reply(to, message, body);
      break;
    }
    case 'stored':
      // A leader that does not list us has no stream of its own to us: it hears it on ours.
      if (!world.peers.reply(to, message, body)) world.links.get(to)?.send(message, body);
      break;
    default:
      unreachable(body);
  }
}
