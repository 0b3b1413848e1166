// Nothing that a disk does not hold yet is promised to anybody: grants and acknowledgements are compared
// with the simulated disk at the moment of sending (P2, C1).
import type { Message } from '../../../services/elector/src/core/message.ts';
import type { Observer } from '../observer.ts';
import type { SimElector } from '../sim-elector.ts';
import type { World } from '../world.ts';

export class DurabilityChecker implements Observer {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  electorSends(elector: SimElector, to: string, { body }: Message): void {
    const { grantedTerm, grantedTo, charter } = elector.disk.durable;
    if (body.kind === 'grant') {
      const known = grantedTerm === body.term && grantedTo === to;
      if (!known) this.#early(`${elector.name} grants term ${body.term} to ${to}`);
    }
    if (body.kind === 'stored') {
      const { term, index } = body.version;
      const held = charter?.version;
      const known =
        held !== undefined && (held.term > term || (held.term === term && held.index >= index));
      if (!known) this.#early(`${elector.name} has stored ${term}.${index} of ${to}`);
    }
  }

  #early(text: string): void {
    this.#world.violate('durable before sent', `${text}, and its disk does not know`);
  }
}
