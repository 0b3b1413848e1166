// A wire that can be cut: forwards TCP to an address until told to stop. Cut, it neither delivers nor
// refuses anything, as a pulled cable does: connections stay open and silent, and new ones hang.
import { connect, createServer, type Server, type Socket } from 'node:net';

/** One wire from a loopback port of its own to one address. */
export class CutProxy {
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  readonly #target: number;
  #cut = false;
  #port = 0;

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((near) => this.#forward(near));
  }

  /** Opens a wire to a loopback port. */
  static async open(target: number): Promise<CutProxy> {
    const proxy = new CutProxy(target);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject);
      proxy.#server.listen(0, '127.0.0.1', resolve);
    });
    const address = proxy.#server.address();
    proxy.#port = typeof address === 'object' && address !== null ? address.port : 0;
    return proxy;
  }

  /** Where to connect instead of the target. */
  get port(): number {
    return this.#port;
  }

  /** From now on nothing passes. */
  cut(): void {
    this.#cut = true;
    for (const socket of this.#sockets) {
      socket.unpipe();
      socket.pause();
    }
  }

  /** From now on new connections pass; those that were cut are gone, as after a long cut they are. */
  mend(): void {
    this.#cut = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Ends everything. */
  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #forward(near: Socket): void {
    this.#keep(near);
    if (this.#cut) {
      near.pause();
      return;
    }
    const far = connect(this.#target, '127.0.0.1');
    this.#keep(far);
    near.pipe(far).pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    // Whoever is at the other end sees the end of it: nothing is to be done here.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
