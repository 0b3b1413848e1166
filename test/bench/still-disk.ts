// A disk that stands still: a small filesystem of its own that can be frozen, so that whatever writes to it
// waits until it is thawed. Needs root, loop devices and e2fsprogs.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const sizeInMegabytes = 32;

/** A mounted filesystem. */
export class StillDisk {
  /** Where it is mounted. */
  readonly directory: string;
  readonly #base: string;
  #frozen = false;
  // A frozen filesystem that nobody thaws can only be got rid of by a restart.
  readonly #onExit = () => this.close();

  private constructor(base: string) {
    this.#base = base;
    this.directory = join(base, 'disk');
    process.once('exit', this.#onExit);
  }

  /** Makes one. Throws where this host, or this user, cannot. */
  static open(): StillDisk {
    const base = mkdtempSync(join(tmpdir(), 'koi-disk-'));
    const image = join(base, 'image');
    try {
      run('dd', 'if=/dev/zero', `of=${image}`, 'bs=1M', `count=${sizeInMegabytes}`);
      run('mkfs.ext4', '-q', image);
      mkdirSync(join(base, 'disk'));
      run('mount', '-o', 'loop', image, join(base, 'disk'));
    } catch (error) {
      rmSync(base, { recursive: true, force: true });
      throw error;
    }
    return new StillDisk(base);
  }

  /** From now on every write to it waits. */
  freeze(): void {
    run('fsfreeze', '-f', this.directory);
    this.#frozen = true;
  }

  /** What waited goes on. */
  thaw(): void {
    if (!this.#frozen) return;
    this.#frozen = false;
    run('fsfreeze', '-u', this.directory);
  }

  /** Removes it. Whoever still has a file of it open keeps that. */
  close(): void {
    process.removeListener('exit', this.#onExit);
    this.thaw();
    run('umount', '-l', this.directory);
    rmSync(this.#base, { recursive: true, force: true });
  }
}

function run(command: string, ...parameters: readonly string[]): void {
  execFileSync(command, parameters, { stdio: ['ignore', 'ignore', 'pipe'] });
}
