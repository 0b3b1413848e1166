// One daemon per state directory: of two that write the same record, each would know half of what was
// granted or promoted. A living process is known by a socket that answers, which no crash leaves behind;
// each process shows its own socket first and looks for others then, so that of two at once at least one
// sees the other.
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { answers, SOCKET_PATH_BYTES_MAX } from './grpc/unix-socket.ts';

const LOCK = /^lock\.[0-9a-f]+$/;
const DIRECTORY_MODE = 0o700;

/** Holds a directory for as long as the process lives. */
export interface DirectoryLock {
  release(): Promise<void>;
}

/** Creates the directory where it is missing and takes it. Refuses where a living process holds it. */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  await mkdir(directory, { recursive: true, mode: DIRECTORY_MODE });
  await chmod(directory, DIRECTORY_MODE);
  const id = randomBytes(6).toString('hex');
  const name = `lock.${id}`;
  const path = join(directory, name);
  // Not yet a lock: between being bound and being listened on, a socket looks dead.
  const hidden = join(directory, `new.${id}`);
  if (Buffer.byteLength(hidden) > SOCKET_PATH_BYTES_MAX) {
    const max = SOCKET_PATH_BYTES_MAX - Buffer.byteLength(`/${name}`);
    throw new Error(`the path ${directory} is longer than ${max} bytes: choose a shorter one`);
  }
  const server = await serve(hidden);
  await rename(hidden, path);
  const release = async () => {
    await rm(path, { force: true });
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  for (const other of await readdir(directory)) {
    if (other === name || !LOCK.test(other)) continue;
    if (await answers(join(directory, other))) {
      await release();
      throw new Error(
        `another elector uses ${directory}: stop it, or configure another elector.stateDirectory`,
      );
    }
    // Names are drawn at random and never used twice: one that is dead stays dead.
    await rm(join(directory, other), { force: true });
  }
  return { release };
}

function serve(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', reject);
    server.listen(path, () => {
      // The lock alone keeps no process alive.
      server.unref();
      resolve(server);
    });
  });
}
