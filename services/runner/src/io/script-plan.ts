// Where the scripts of services are, and what it takes to run one.
import { join } from 'node:path';
import type { ScriptEnvironment } from '../core/effect.ts';
import type { Action } from '../core/input.ts';
import type { FolderEntry, ServicePlace } from './folder.ts';
import { environmentOf } from './script-environment.ts';
import type { WrapperOrder } from './script-wrapper.ts';
import type { ServiceOutput } from './service-output.ts';

/** How many places are remembered: a removed service is stopped by the scripts it had. */
export const PLACES_MAX = 512;

/** Everything about a script that anybody has to know who runs it. */
export interface ScriptPlan extends WrapperOrder {
  /** One that a directory does not have has succeeded. */
  readonly kind: ServicePlace['kind'];
}

export interface ScriptPlanOptions {
  readonly cluster: string;
  /** This host's configured name. */
  readonly node: string;
  /** Where single executables run. */
  readonly workingDirectory: string;
}

/** What has changed among the places. */
export interface PlaceChange {
  readonly added: readonly string[];
  /** Not in the folder any more, but remembered. */
  readonly absent: readonly string[];
  readonly forgotten: readonly string[];
}

/** The scripts of all services. */
export class ScriptPlans {
  readonly #options: ScriptPlanOptions;
  readonly #output: Pick<ServiceOutput, 'fifoOf'>;
  readonly #places = new Map<string, ServicePlace>();

  constructor(options: ScriptPlanOptions, output: Pick<ServiceOutput, 'fifoOf'>) {
    this.#options = options;
    this.#output = output;
  }

  /** Takes in where services are now. Removed ones keep their last place. */
  place(entries: readonly Pick<FolderEntry, 'name' | 'place'>[]): PlaceChange {
    const added: string[] = [];
    for (const { name, place } of entries) {
      if (!this.#places.delete(name)) added.push(name);
      this.#places.set(name, place);
    }
    const forgotten = [...this.#places.keys()].slice(
      0,
      Math.max(0, this.#places.size - PLACES_MAX),
    );
    for (const name of forgotten) this.#places.delete(name);
    // Those that are in the folder have just been put last.
    const absent = [...this.#places.keys()].slice(0, this.#places.size - entries.length);
    return { added, absent, forgotten };
  }

  /** How a script would be run now; undefined: nobody knows where it is. */
  planOf(service: string, action: Action, environment: ScriptEnvironment): ScriptPlan | undefined {
    const place = this.#places.get(service);
    if (place === undefined) return undefined;
    const { cluster, node, workingDirectory } = this.#options;
    const isDirectory = place.kind === 'directory';
    return {
      kind: place.kind,
      directory: isDirectory ? place.directory : workingDirectory,
      file: isDirectory ? join(place.directory, action) : place.file,
      parameters: isDirectory ? [] : [action],
      output: this.#output.fifoOf(service, action),
      environment: environmentOf({ cluster, node, service, action }, environment),
    };
  }
}
