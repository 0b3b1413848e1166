// One outgoing stream to one daemon, kept open for as long as the process lives. It judges the other
// side by what it hears alone: a stream that is silent is closed and dialled anew, on a new channel,
// because an old one may be stuck in a SYN's retransmission.
import { setTimeout as delay } from 'node:timers/promises';
import type { Channel } from 'nice-grpc';
import { LATE_MIN } from '../loop.ts';
import { type Clock, type Duration, type Instant, LONG_AGO } from '../time.ts';
import { connected, openChannel } from './client.ts';
import { koiReason } from './errors.ts';
import { OUTBOX_CAPACITY, Outbox } from './outbox.ts';
import type { Patience } from './patience.ts';

export interface LinkOptions<Request, Response> {
  /** Where to dial: host:port. */
  readonly address: string;
  readonly clock: Clock;
  readonly patience: Patience;
  /** Opens the stream on a connected channel. */
  readonly open: (
    channel: Channel,
    requests: AsyncIterable<Request>,
    signal: AbortSignal,
  ) => AsyncIterable<Response>;
  /** The connection stands: what is sent now goes out first. */
  readonly onOpen: () => void;
  readonly onMessage: (message: Response) => void;
  /** The stream is gone. Called once for each `onOpen`. */
  readonly onLost: () => void;
  /** Told why a stream ended or did not open. `refused`: the other side said so, with a reason. */
  readonly onTrouble: (text: string, refused: boolean) => void;
}

/** A link as the daemon uses it. */
export interface Link<Request> {
  /** Writes in this turn of the loop, or as soon as the transport takes it. False: not open. */
  send(message: Request, kind?: string): boolean;
  readonly open: boolean;
  /** When the present stream was opened; undefined: none is open. */
  readonly openedAt: Instant | undefined;
  /** When anything was heard on any of its streams last. */
  readonly lastHeard: Instant | undefined;
  start(): void;
  /** Writes what waits, ends the stream and resolves once it is gone, after `grace` at the latest. */
  stop(grace: Duration): Promise<void>;
}

/** Makes a link; `start` dials. */
export function createLink<Request, Response>(
  options: LinkOptions<Request, Response>,
): Link<Request> {
  return new RedialledLink(options);
}

class RedialledLink<Request, Response> implements Link<Request> {
  readonly #options: LinkOptions<Request, Response>;
  /** Ends dialling for good. */
  readonly #stop = new AbortController();
  #outbox: Outbox<Request> | undefined;
  #openedAt: Instant | undefined;
  #lastHeard: Instant | undefined;
  #ending = false;
  #running: Promise<void> = Promise.resolve();

  constructor(options: LinkOptions<Request, Response>) {
    this.#options = options;
  }

  get open(): boolean {
    return this.#outbox !== undefined;
  }

  get openedAt(): Instant | undefined {
    return this.open ? this.#openedAt : undefined;
  }

  get lastHeard(): Instant | undefined {
    return this.#lastHeard;
  }

  send(message: Request, kind?: string): boolean {
    return this.#outbox?.push(message, kind) ?? false;
  }

  start(): void {
    this.#running = this.#keepDialling();
  }

  async stop(grace: Duration): Promise<void> {
    this.#ending = true;
    // Nothing to be written: nothing to wait for.
    if (this.#outbox === undefined) this.#stop.abort();
    else this.#outbox.end();
    const timer = setTimeout(() => this.#stop.abort(), grace);
    await this.#running;
    clearTimeout(timer);
  }

  async #keepDialling(): Promise<void> {
    const { silenceMax, waitMin, waitMax } = this.#options.patience;
    let wait = waitMin;
    while (!this.#ending) {
      // One that is welcomed and then refused has not stood: who dials in vain dials ever more rarely.
      const stood = await this.#converse();
      if (stood >= silenceMax) wait = waitMin;
      await delay(wait, undefined, { signal: this.#stop.signal }).catch(() => {});
      wait = Math.min(wait * 2, waitMax);
    }
  }

  /** One channel, one stream, from dialling to loss. Resolves to how long something was heard on it. */
  async #converse(): Promise<Duration> {
    const { address, onOpen, onLost, onMessage, onTrouble, patience } = this.#options;
    const attempt = new Attempt(this.#stop.signal);
    const channel = openChannel(address, { connectTimeout: patience.attemptMax });
    let openedAt: Instant | undefined;
    let heardAt: Instant = LONG_AGO;
    try {
      await connected(channel, patience.attemptMax, attempt.signal);
      const outbox = new Outbox<Request>({
        capacity: OUTBOX_CAPACITY,
        onOverflow: () => attempt.end('it does not read what it is sent'),
      });
      this.#outbox = outbox;
      attempt.onEnd(this.#watchSilence(attempt));
      attempt.onEnd(() => outbox.close());
      openedAt = this.#options.clock.now();
      this.#openedAt = openedAt;
      onOpen();
      for await (const message of this.#options.open(channel, outbox, attempt.signal)) {
        heardAt = this.#options.clock.now();
        this.#lastHeard = heardAt;
        onMessage(message);
      }
      throw new Error('it ended the stream');
    } catch (error) {
      const refused = koiReason(error);
      const text = refused?.text ?? attempt.reason ?? sentenceOf(error);
      if (!this.#ending) onTrouble(text, refused !== undefined);
    } finally {
      const opened = this.#outbox !== undefined;
      this.#outbox = undefined;
      attempt.end('');
      channel.close();
      if (opened) onLost();
    }
    return openedAt === undefined ? 0 : Math.max(0, heardAt - openedAt);
  }

  /** Ends the attempt when nothing is heard for too long. Returns what stops watching. */
  #watchSilence(attempt: Attempt): () => void {
    const { clock } = this.#options;
    const { silenceMax } = this.#options.patience;
    const opened = clock.now();
    let cancel = () => {};
    const watch = (due: Instant) => {
      cancel = clock.at(due, () => {
        const late = clock.now() - due > LATE_MIN;
        // P10: whoever was away himself reads his mail before he calls others silent. What has
        // arrived meanwhile is read in this turn of the loop, before its immediates.
        const mail = setImmediate(() => judge(late ? silenceMax / 3 : 0));
        cancel = () => clearImmediate(mail);
      });
    };
    const judge = (grace: Duration) => {
      const now = clock.now();
      const silentAt = Math.max(this.#lastHeard ?? opened, opened) + silenceMax;
      if (now < silentAt) watch(silentAt);
      else if (grace > 0) watch(now + grace);
      else attempt.end(`it was not heard for ${Math.round(silenceMax)} ms`);
    };
    watch(opened + silenceMax);
    return () => cancel();
  }
}

/** The life of one attempt: the first reason to end it wins. */
class Attempt {
  readonly #controller = new AbortController();
  readonly #ends: (() => void)[] = [];
  #reason: string | undefined;

  constructor(stop: AbortSignal) {
    const stopped = () => this.end('stopped');
    stop.addEventListener('abort', stopped);
    this.#ends.push(() => stop.removeEventListener('abort', stopped));
    if (stop.aborted) stopped();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get reason(): string | undefined {
    return this.#reason;
  }

  onEnd(callback: () => void): void {
    this.#ends.push(callback);
  }

  end(reason: string): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    for (const callback of this.#ends) callback();
    this.#controller.abort();
  }
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'details' in error && typeof error.details === 'string' ? error.details : error.message;
}
