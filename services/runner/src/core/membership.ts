// Which services this runner has: it follows the services folder. What joins begins by being asked
// for its status; what leaves is taken down first.

import type { ServiceDefinition } from './input.ts';
import type { Say } from './mandate.ts';
import { byStartOrder } from './order.ts';
import type { ServiceRecord } from './record.ts';
import { Service } from './service.ts';

/** The services, in the order in which they start. */
export class Membership implements Iterable<Service> {
  readonly #say: Say;
  #services: readonly Service[] = [];
  #known = false;

  /** `found`: the services of an earlier process; they wait for the folder to be read (M6). */
  constructor(say: Say, found: readonly ServiceRecord[] = []) {
    this.#say = say;
    this.#services = found
      .map((record) => new Service(record.definition, record))
      .sort(byStartOrder);
  }

  /** Whether the folder was read at all; before that nobody knows what there is to run. */
  get known(): boolean {
    return this.#known;
  }

  [Symbol.iterator](): Iterator<Service> {
    return this.#services[Symbol.iterator]();
  }

  get size(): number {
    return this.#services.length;
  }

  find(name: string): Service | undefined {
    return this.#services.find((service) => service.name === name);
  }

  some(condition: (service: Service) => boolean): boolean {
    return this.#services.some(condition);
  }

  every(condition: (service: Service) => boolean): boolean {
    return this.#services.every(condition);
  }

  map<T>(change: (service: Service) => T): readonly T[] {
    return this.#services.map(change);
  }

  /** Takes in what the folder holds now. */
  update(definitions: readonly ServiceDefinition[]): void {
    this.#known = true;
    const joined: Service[] = [];
    for (const definition of definitions) {
      const service = this.find(definition.name);
      if (service === undefined) {
        joined.push(new Service(definition));
        this.#say('info', `${definition.name} has joined: it is in the services folder`);
      } else {
        this.#change(service, definition);
      }
    }
    const present = new Set(definitions.map(({ name }) => name));
    for (const service of this.#services) if (!present.has(service.name)) this.lose(service);
    this.#services = [...this.#services, ...joined].sort(byStartOrder);
  }

  /** A service has left the folder: it is taken down. */
  lose(service: Service): void {
    if (service.removed) return;
    service.removed = true;
    this.#say('info', `${service.name} has left the services folder: it is taken down`);
  }

  /** Lets go of removed services that are down. */
  dismiss(): void {
    const gone = this.#services.filter(
      ({ removed, state, running, promoted }) =>
        removed &&
        running === undefined &&
        !promoted &&
        (state === 'stopped' || state === 'failed'),
    );
    if (gone.length === 0) return;
    this.#services = this.#services.filter((service) => !gone.includes(service));
    for (const { name } of gone) this.#say('info', `${name} is down and no longer supervised`);
  }

  #change(service: Service, definition: ServiceDefinition): void {
    const before = service.definition;
    service.definition = definition;
    if (service.removed) {
      service.removed = false;
      this.#say('info', `${service.name} is back in the services folder`);
    }
    if (before.fingerprint !== definition.fingerprint) {
      this.#say('info', `${service.name}: its scripts have changed`);
    }
    if (before.priority !== definition.priority) {
      this.#say('info', `${service.name}: its priority is ${definition.priority ?? 'none'} now`);
    }
    if (definition.disabled && !before.disabled) {
      this.#say('warn', `${service.name} is disabled: everything here is taken down`);
    }
    if (before.disabled && !definition.disabled) {
      this.#say('info', `${service.name} is enabled again`);
    }
  }
}
