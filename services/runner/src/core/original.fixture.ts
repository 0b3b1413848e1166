// What the tables of the original's rows share: their services, the defaults, and a status that is answered.
import { parseConfig } from '@koi/lib/config-file';
import type { ExecutionContext } from 'ava';
import { begun, definition, type Trial } from './trial.fixture.ts';

/** A row of the tables. */
export interface Row {
  readonly row: string;
  readonly holds: (t: ExecutionContext) => void;
}

export const WEB = definition('web');
export const DISK = definition('disk', 10);
export const SITE = definition('site', 20);

export const DEFAULTS = parseConfig(
  'cluster: shop\nelectors: [{ name: a, address: "127.0.0.1:42012" }]\n',
  '/etc/koi/koi.yaml',
  'a',
);

/** Asks the service for its status now, which answers with a code. Returns what begins by that. */
export function answer(trial: Trial, code: number, service = 'web'): readonly string[] {
  trial.folder(WEB);
  return begun(trial.end(service, code));
}
