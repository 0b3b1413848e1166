// Socket files of daemons. A file is bound under a name of this process and only then moved to its
// real one: nobody can open it before its mode is set, and a dead daemon's leftover is replaced.
import { chmod, lstat, mkdir, rename, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';

/** How long a path the kernel takes for a socket, in bytes, its final zero not counted. */
export const SOCKET_PATH_BYTES_MAX = 107;

/** Who may open a socket file: its owner. */
const SOCKET_MODE = 0o600;
const DIRECTORY_MODE = 0o755;

/** A socket file in the making. */
export interface SocketClaim {
  /** Where to bind. */
  readonly temporaryPath: string;
  /** Sets the mode of what was bound and moves it to its real name. */
  publish(): Promise<void>;
  /** Removes the file. */
  release(): Promise<void>;
}

/** Prepares a socket file at `path`; refuses where a living process serves it, or where it is no socket. */
export async function claimSocket(path: string): Promise<SocketClaim> {
  const temporaryPath = `${path}.${process.pid}`;
  if (Buffer.byteLength(temporaryPath) > SOCKET_PATH_BYTES_MAX) {
    const max = SOCKET_PATH_BYTES_MAX - Buffer.byteLength(`.${process.pid}`);
    throw new Error(`the socket path ${path} is longer than ${max} bytes: choose a shorter one`);
  }
  const found = await lstat(path).catch(() => undefined);
  if (found !== undefined && !found.isSocket()) {
    throw new Error(`${path} is not a socket: move it away or configure another socket`);
  }
  if (found !== undefined && (await answers(path))) {
    throw new Error(`${path} is served by another process: stop that one first`);
  }
  await mkdir(dirname(path), { recursive: true, mode: DIRECTORY_MODE });
  await rm(temporaryPath, { force: true });
  return {
    temporaryPath,
    async publish() {
      await chmod(temporaryPath, SOCKET_MODE);
      await rename(temporaryPath, path);
    },
    release: () => rm(path, { force: true }),
  };
}

/** Whether a process accepts connections on a socket file. */
export function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (alive: boolean) => {
      socket.destroy();
      resolve(alive);
    };
    socket.once('connect', () => end(true));
    // A full backlog (EAGAIN) means that somebody listens and is busy.
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code === 'EAGAIN'));
  });
}
