// One elector's admin API, over a channel of its own.
import { AdminService } from '@koi/gen/koi/admin/v1/admin_service_pb';
import { type DialOptions, type LightClient, LightConnection } from '@koi/lib/grpc/light-client';
import type { Duration } from '@koi/lib/time';
import { EXIT, Failure } from './failure.ts';
import { electorAddresses } from './search.ts';
import type { Session } from './session.ts';

/** How long one address may take to connect before the next one is tried. */
export const CONNECT_MAX: Duration = 300;

/** How long it may take once nobody else is left: its host may just be very busy. */
export const PATIENCE_MAX: Duration = 2_000;

/** The admin API of one elector. */
export type AdminClient = LightClient<typeof AdminService>;

/** A connected elector. */
export interface Elector {
  readonly client: AdminClient;
  close(): void;
}

/** An address that did not even connect. */
export class Silence extends Error {
  /** It did not refuse either: it may be slow. */
  readonly maybeSlow: boolean;

  constructor(text: string, maybeSlow: boolean) {
    super(text);
    this.maybeSlow = maybeSlow;
  }
}

/** Connects to an elector; rejects with a `Silence` where it does not answer in time. */
export async function connect(address: string, options: DialOptions): Promise<Elector> {
  try {
    const connection = await LightConnection.dial(address, options);
    return { client: connection.client(AdminService), close: () => connection.close() };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Silence(`${address} (${why})`, why.startsWith('no connection within'));
  }
}

/**
 * The addresses to ask in their order, with the time that each one has to connect: after a round in
 * which nobody answered, those that may be slow have more of it.
 */
export async function* attempts(
  session: Session,
  /** Filled in by the reader: what became of the attempts so far. */
  silences: ReadonlyMap<string, Silence>,
): AsyncGenerator<{ readonly address: string; readonly within: Duration }, void, undefined> {
  for await (const address of electorAddresses(session)) yield { address, within: CONNECT_MAX };
  for (const [address, { maybeSlow }] of [...silences]) {
    if (maybeSlow) yield { address, within: PATIENCE_MAX };
  }
}

/** The failure of a command that found nobody to ask. */
export function nobodyAnswers(silences: ReadonlyMap<string, Silence>): Failure {
  return new Failure(
    EXIT.UNREACHABLE,
    'no elector answers',
    `asked ${[...silences.values()].map(({ message }) => message).join(', ')}`,
    'is koi-elector running there, and does the configuration name the right addresses?',
  );
}
